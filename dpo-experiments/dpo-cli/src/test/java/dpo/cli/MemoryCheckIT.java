package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose estimate a calibration sets relative to the memory of this machine. */
class MemoryCheckIT {

    private static final Path TINY = Launched.root().resolve("dpo-data/src/test/resources/tiny");
    private static final String CALIBRATION = "/dpo/torch/memory/calibration.json";

    @TempDir
    Path scratch;

    @BeforeEach
    void layOut() throws IOException {
        TinyLlama.assumeLibtorch();
        Files.writeString(scratch.resolve("experiment.yaml"), """
                name: memory
                backend: torch
                model: {fresh: {tokenizer: 'TINY', vocab_size: 512}}
                data: {train: {format: conversational, path: 'TINY/pairs.jsonl', limit: 2}}
                optimizer: {learning_rate: 1.0e-3}
                """.replace("TINY", TINY.toString()));
    }

    @Test
    void a_run_starts_silently_or_with_a_warning_or_not_at_all() throws IOException {
        Launched.Ended small = train("small", Map.of());
        assertThat(small.code()).as(small.err()).isZero();
        assertThat(small.err()).doesNotContain("warning");
        Matcher available = Pattern.compile(" GB of (\\d+\\.\\d) GB available").matcher(small.err());
        assertThat(available.find()).as(small.err()).isTrue();
        double bytes = 1e9 * Double.parseDouble(available.group(1));

        Launched.Ended near = train("near", Map.of("DPO_MEMORY_CALIBRATION", calibration(1.25 * bytes)));
        assertThat(near.code()).as(near.err()).isZero();
        assertThat(near.err())
                .contains("memory: about ", " the peak")
                .containsOnlyOnce("warning: the run may not fit this machine (available ");

        Launched.Ended far = train("far", Map.of("DPO_MEMORY_CALIBRATION", calibration(3 * bytes)));
        assertThat(far.code()).isEqualTo(2);
        assertThat(far.err())
                .startsWith("error: memory must fit this machine (available ")
                .contains("the limit is 1.5 times that", " the peak; --ignore-memory starts the run anyway");
        assertThat(scratch.resolve("far")).doesNotExist();
    }

    private Launched.Ended train(String out, Map<String, String> environment) {
        return Launched.start(
                        scratch,
                        environment,
                        "train",
                        scratch.resolve("experiment.yaml").toString(),
                        "--out",
                        scratch.resolve(out).toString())
                .await();
    }

    /** The built-in calibration with another runtime. */
    private String calibration(double runtime) throws IOException {
        try (InputStream builtIn = Objects.requireNonNull(getClass().getResourceAsStream(CALIBRATION))) {
            String text = new String(builtIn.readAllBytes(), StandardCharsets.UTF_8);
            String changed = text.replace("340000000", Long.toString((long) runtime));
            return Files.writeString(Files.createTempFile(scratch, "calibration", ".json"), changed)
                    .toString();
        }
    }
}
