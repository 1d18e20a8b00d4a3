package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.core.backend.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Computes log-probs with transformers, if the system property {@code dpo.python} names a Python interpreter with
 * transformers.
 */
public final class Transformers {

    /** The argument of the format is code that loads {@code model} from {@code folder}. */
    private static final String SCORE = """
            import pathlib, sys, torch, transformers
            for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            %s    model = model.double().eval()
                for ids in sys.argv[2:]:
                    ids = torch.tensor([[int(i) for i in ids.split(',')]])
                    log_probs = model(ids[:, :-1]).logits[0].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
                    print(folder.name, *map(repr, log_probs.tolist()))
            """;

    private final String python = System.getProperty("dpo.python", "");

    Transformers() {
        assumeThat(python)
                .as("system property dpo.python: a Python interpreter with transformers")
                .isNotEmpty();
    }

    /** A policy's log-probs of {@link Variant#sequences}, each scored alone. */
    static double[][] rows(Policy policy) {
        return Variant.sequences().stream()
                .map(row -> policy.logProbs(List.of(row)).row(0))
                .toArray(double[][]::new);
    }

    /**
     * Asserts that transformers computes these log-probs.
     *
     * @param load Python that loads {@code model} from {@code folder}
     * @param models folder of checkpoints
     * @param expected {@link #rows} by the name of a checkpoint's folder
     */
    void requireLogProbs(String load, Path models, Map<String, double[][]> expected)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(python, "-c", SCORE.formatted(load.indent(4)), models.toString()));
        Variant.sequences()
                .forEach(row -> command.add(Arrays.toString(row.ids()).replaceAll("[\\[\\] ]", "")));
        Path log = models.resolveSibling(models.getFileName() + ".log");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        int row = 0;
        for (String line : output.lines().toList()) {
            String[] words = line.split(" ");
            assertThat(Arrays.stream(words)
                            .skip(1)
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .as(words[0])
                    .containsExactly(
                            expected.get(words[0])[row++ % Variant.sequences().size()], within(2e-5));
        }
        assertThat(row).isEqualTo(expected.size() * Variant.sequences().size());
    }
}
