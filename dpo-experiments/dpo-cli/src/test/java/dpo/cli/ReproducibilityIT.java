package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same command in processes of different locales, time zones and Java versions, the first with both compilers of the
 * virtual machine and the others with one: equal bytes of everything but times and the name of the Java version. The
 * system property {@code dpo.processes} sets the number of processes.
 */
class ReproducibilityIT {

    private static final int PROCESSES = Integer.getInteger("dpo.processes", 3);

    /** Another Java version, if this machine has it. */
    private static final Path OTHER_JAVA = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64");

    private static final String TABULAR = """
            name: world
            backend: tabular
            model: {vocabulary: 5, length: 4, prompts: 2}
            data: {train: {format: world, pairs: 64}, evaluation: {format: world, pairs: 16}}
            objective: {preference: {type: sigmoid}}
            optimizer: {learning_rate: 0.05}
            training: {batch_size: 8, evaluate_every: 4, checkpoint_every: 1000}
            sweep: {objective.preference.beta: [0.1, 1.0e-3], seed: [1, 2]}
            """;

    private static final String TORCH = """
            name: tiny-llama
            backend: torch
            model: {path: "%s", adapter: {rank: 2, dropout: 0.1}}
            data:
              train: {format: conversational, path: "%s", limit: 8}
              evaluation: {format: conversational, path: "%s", skip: 8, limit: 4}
            objective: {preference: {type: sigmoid, beta: 0.1}}
            optimizer: {learning_rate: 1.0e-3}
            training: {batch_size: 4, checkpoint_every: 1000, samples: {prompts: 1, max_new_tokens: 4}}
            """;

    private static final List<Map<String, String>> ENVIRONMENTS = List.of(
            Map.of("LC_ALL", "C", "TZ", "UTC", "DPO_JAVA_OPTIONS", "-Duser.language=en"),
            Map.of(
                    "LC_ALL",
                    "ar_EG.UTF-8",
                    "TZ",
                    "Asia/Kolkata",
                    "DPO_JAVA_OPTIONS",
                    Launched.QUICK_START + " -Duser.language=ar -Duser.country=EG -Duser.extensions=nu-arab"),
            Map.of(
                    "LC_ALL",
                    "tr_TR.UTF-8",
                    "TZ",
                    "America/St_Johns",
                    "DPO_JAVA_OPTIONS",
                    Launched.QUICK_START + " -Duser.language=tr",
                    "JAVA_HOME",
                    OTHER_JAVA.toString()),
            Map.of(
                    "LC_ALL",
                    "de_DE.ISO-8859-1",
                    "TZ",
                    "Pacific/Apia",
                    "DPO_JAVA_OPTIONS",
                    Launched.QUICK_START + " -Duser.language=de"),
            Map.of(
                    "LC_ALL",
                    "C.UTF-8",
                    "TZ",
                    "Asia/Kathmandu",
                    "DPO_JAVA_OPTIONS",
                    Launched.QUICK_START + " -Duser.language=hi -Duser.country=IN -Duser.extensions=nu-deva"));

    /** The parts that depend on time and on the Java version. */
    private static final Pattern TIMES = Pattern.compile(
            "\"(step_seconds|seconds|started|finished|time|java|java_vendor|sha256|crc32c|bytes)\" ?: ?[^,}\\n]+"
                    + "|events\\.out\\.tfevents\\.[\\d.dpo]+"
                    + "|\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"
                    + "|<tr><td>(seconds|java|java_vendor)</td><td[^\\n]*"
                    + "|\"key\":\"(java-version|environment\\.java(_vendor)?)\",\"value\":\"[^\"]*\"");

    @TempDir
    Path scratch;

    @Test
    void a_sweep_has_equal_bytes_in_every_process() throws IOException {
        requireEqualBytes("sweep", TABULAR);
    }

    @Test
    void training_on_libtorch_has_equal_bytes_in_every_process() throws IOException {
        requireEqualBytes("train", TORCH.formatted(TinyLlama.MODEL, TinyLlama.PAIRS, TinyLlama.PAIRS));
    }

    private void requireEqualBytes(String command, String experiment) throws IOException {
        Path config = Files.writeString(scratch.resolve("größe.yaml"), experiment);
        Map<String, String> first = Map.of();
        for (int i = 0; i < PROCESSES; i++) {
            Map<String, String> environment = new TreeMap<>(ENVIRONMENTS.get(i % ENVIRONMENTS.size()));
            if (!Files.isDirectory(OTHER_JAVA)) {
                environment.remove("JAVA_HOME");
            }
            Path out = scratch.resolve("wörk").resolve("runs");
            Launched.Ended ended = Launched.start(
                            scratch, environment, command, config.toString(), "--out", out.toString())
                    .await();
            assertThat(ended.code()).as("%s: %s", environment, ended.err()).isZero();
            Map<String, String> bytes = bytes(out);
            for (String format : List.of("table", "json")) {
                Launched.Ended results = Launched.start(
                                scratch, environment, "results", out.toString(), "--format", format)
                        .await();
                assertThat(results.code()).as(results.err()).isZero();
                bytes.put("results as " + format, results.out());
            }
            if (i == 0) {
                first = bytes;
            }
            assertThat(bytes).as("%s", environment).containsOnlyKeys(first.keySet());
            for (Map.Entry<String, String> file : first.entrySet()) {
                assertThat(bytes.get(file.getKey()))
                        .as("%s of %s", file.getKey(), environment)
                        .isEqualTo(file.getValue());
            }
            Files.move(out, scratch.resolve("done-" + i));
        }
    }

    /** Every file by its path: text without times, other files as checksums. */
    private static Map<String, String> bytes(Path folder) throws IOException {
        Map<String, String> bytes = new TreeMap<>();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile).forEach(files::add);
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString();
            byte[] content = Files.readAllBytes(file);
            if (name.endsWith(".report.json")) {
                continue; // hashes of files that hold times
            }
            if (name.endsWith("results.csv") && !name.contains("tables")) {
                bytes.put(name, withoutColumn("seconds", new String(content, StandardCharsets.UTF_8)));
            } else if (name.matches(".*\\.(json|jsonl|yaml|html|svg)")) {
                bytes.put(
                        name,
                        TIMES.matcher(new String(content, StandardCharsets.UTF_8))
                                .replaceAll(""));
            } else if (name.contains("tfevents")) {
                bytes.put(TIMES.matcher(name).replaceAll("events"), Sha256.of(withoutTimes(content)));
            } else {
                bytes.put(name, Sha256.of(content));
            }
        }
        return bytes;
    }

    /** TensorBoard's records: length, its checksum, a message that begins with the time, and its checksum. */
    private static byte[] withoutTimes(byte[] events) {
        ByteBuffer all = ByteBuffer.wrap(events).order(ByteOrder.LITTLE_ENDIAN);
        int end;
        for (int begin = 0; begin < events.length; begin = end) {
            end = begin + 16 + (int) all.getLong(begin);
            all.putDouble(begin + 13, 0);
            all.putInt(end - 4, 0);
        }
        Matcher seconds = Pattern.compile("step_seconds\\x15").matcher(new String(events, StandardCharsets.ISO_8859_1));
        while (seconds.find()) {
            all.putFloat(seconds.end(), 0);
        }
        return events;
    }

    private static String withoutColumn(String column, String csv) {
        List<String> lines = csv.lines().toList();
        int index = List.of(lines.get(0).split(",")).indexOf(column);
        return String.join(
                "\n",
                lines.stream()
                        .map(line -> {
                            List<String> cells =
                                    new ArrayList<>(List.of(line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)));
                            cells.remove(index);
                            return String.join(",", cells);
                        })
                        .toList());
    }
}
