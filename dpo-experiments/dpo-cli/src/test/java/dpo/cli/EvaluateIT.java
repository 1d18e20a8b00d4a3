package dpo.cli;

import static dpo.cli.TinyLlama.MODEL;
import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code dpo evaluate} on a trained run, its model and its adapter, and a run with a reference of its own. */
class EvaluateIT {

    private static final String OF_RUN = "of the run";

    private static final int TERMINAL = 120;

    @TempDir
    static Path scratch;

    private static Path run;

    /** A model that is not that of the run: the trained one. */
    private static Path other;

    @BeforeAll
    static void train() throws IOException {
        TinyLlama.assumeLibtorch();
        Files.writeString(scratch.resolve("experiment.yaml"), """
                name: tiny-llama
                backend: torch
                threads: 1
                model: {path: '%s'}
                data:
                  train: {format: conversational, path: '%s', limit: 16}
                  evaluation:
                    first: {format: conversational, path: '%s', limit: 11}
                    second: {format: conversational, path: '%s', skip: 11, limit: 9}
                objective: {preference: {type: ipo, beta: 0.1, reduction: mean}}
                optimizer: {learning_rate: 5.0e-3}
                training: {batch_size: 8, micro_batch_tokens: 200, evaluate_at_start: true}
                """.formatted(MODEL, PAIRS, PAIRS, PAIRS));
        run = trained("run");
        other = run.resolve("checkpoints/final");
    }

    private static Path trained(String name, String... overrides) {
        Path out = scratch.resolve(name);
        Ended ended = Ended.of(TinyLlama.experiment("train", scratch.resolve("experiment.yaml"), out, overrides));
        assertThat(ended.code()).as(ended.err()).isZero();
        return out;
    }

    @Test
    void the_numbers_of_a_run_on_its_own_sets_are_those_of_its_last_evaluation() throws IOException {
        Path out = scratch.resolve("scored.jsonl");
        List<Map<String, Object>> rows = rows(run.toString(), "--out", out.toString());
        Map<String, Object> last = lines(run, "evaluations.jsonl").get(1);
        Map<String, Object> expected = new LinkedHashMap<>(last);
        expected.remove("step");
        Map<String, Object> found = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.get("group") == null && OF_RUN.equals(row.get("objective")))
                .forEach(row -> found.put("eval/" + row.get("set") + "/" + row.get("metric"), row.get("value")));
        assertThat(found).containsAllEntriesOf(expected);
        assertThat(JsonLines.read(out))
                .isEqualTo(lines(run, "pairs.jsonl").stream()
                        .filter(line -> !line.get("step").equals(0))
                        .toList());
        assertThat(rows)
                .filteredOn(row -> "second".equals(row.get("set")) && "rows/used".equals(row.get("metric")))
                .extracting(row -> row.get("value"))
                .containsExactly(9.0);
    }

    @Test
    void a_policy_and_its_reference_in_folders_have_the_numbers_of_the_run() {
        Map<String, Object> last = lines(run, "evaluations.jsonl").get(1);
        List<Map<String, Object>> rows = rows(
                other.toString(),
                "--reference",
                MODEL.toString(),
                "--threads",
                "1",
                "--data",
                "first=" + PAIRS,
                "--reader",
                "limit=11",
                "--format",
                "conversational",
                "--loss",
                "{type: ipo, beta: 0.1, reduction: mean}",
                "--loss",
                "{type: tdpo1}",
                "--loss",
                "{type: simpo}");
        for (String metric : List.of("loss", "rewards/margins", "rewards/accuracies", "forward_kl_per_token")) {
            assertThat(value(rows, "ipo", metric))
                    .as(metric)
                    .isCloseTo((Double) last.get("eval/first/" + metric), within(1e-4));
        }
        assertThat(value(rows, "tdpo1", "loss")).isNotEqualTo(value(rows, "ipo", "loss"));
        assertThat(value(rows, "simpo", "rewards/brier")).isFinite();
        List<Map<String, Object>> alone = rows(MODEL.toString(), "--data", PAIRS + "", "--format", "conversational");
        assertThat(alone).noneMatch(row -> row.get("metric").equals("forward_kl_per_token"));
        assertThat(value(alone, "cpo", "rewards/accuracies")).isBetween(0.0, 1.0);
    }

    @Test
    void an_adapter_is_evaluated_with_its_model_and_by_subsets() throws IOException {
        Path adapted = trained("adapted", "model.adapter={rank: 2}", "training.evaluate_at_start=false");
        Path bench = Files.writeString(scratch.resolve("bench.jsonl"), """
                {"prompt": "Hi", "chosen": "Hello there.", "rejected": "No.", "subset": "easy", "id": 1}
                {"prompt": "Name a colour.", "chosen": "Red", "rejected": "I will not name one.", "subset": "hard"}
                {"prompt": "Name a tree.", "chosen": "Oak", "rejected": "None of them.", "subset": "hard"}
                """);
        String[] arguments = {
            MODEL.toString(),
            "--adapter",
            adapted.resolve("checkpoints/final").toString(),
            "--reference",
            MODEL.toString(),
            "--data",
            bench.toString(),
            "--format",
            "rewardbench"
        };
        List<Map<String, Object>> rows = rows(arguments);
        for (String metric : List.of("loss", "rewards/margins", "rewards/accuracies", "rewards/brier")) {
            double whole = value(rows, "sigmoid", metric);
            double easy = group(rows, "easy", metric);
            double hard = group(rows, "hard", metric);
            assertThat((easy + 2 * hard) / 3).as(metric).isCloseTo(whole, within(1e-12));
        }
        Ended table = Ended.of(
                Stream.concat(Stream.of("evaluate"), Stream.of(arguments)).toArray(String[]::new));
        assertThat(table.out()).contains("objective: {type: sigmoid, beta: 0.1}", "easy", "hard", "accuracy", "95 %");
        assertThat(table.out().lines()).allSatisfy(line -> assertThat(line.codePointCount(0, line.length()))
                .isLessThanOrEqualTo(TERMINAL));
        assertThat(table.err()).contains("data.evaluation: read 3, used 3");
        assertThat(refused(adapted.resolve("checkpoints/final").toString(), "--data", "x", "--format", "standard"))
                .contains("MODEL must be a model folder, got an adapter's");
    }

    @Test
    void a_run_with_a_reference_of_its_own_begins_with_its_log_ratios_and_has_its_fingerprint() throws IOException {
        Path own = trained("own", "reference={path: '" + other + "'}");
        Map<String, Object> start = lines(own, "evaluations.jsonl").get(0);
        // Policy and reference have changed places, so every log-ratio has the other sign.
        Map<String, Object> last = lines(run, "evaluations.jsonl").get(1);
        assertThat((Double) start.get("eval/first/rewards/margins"))
                .isCloseTo(-(Double) last.get("eval/first/rewards/margins"), within(1e-4));
        assertThat((Double) lines(own, "metrics.jsonl").get(0).get("forward_kl_per_token"))
                .isGreaterThan(0.0);
        Map<String, String> identity = new RunFolder(own).record().orElseThrow().identity();
        assertThat(identity).containsKey("reference");
        assertThat(identity.get("reference")).isNotEqualTo(identity.get("model"));
        assertThat(new RunFolder(run).record().orElseThrow().identity()).doesNotContainKey("reference");
        List<Map<String, Object>> rows = rows(own.toString());
        assertThat(rows.stream()
                        .filter(row -> "first".equals(row.get("set")) && "loss".equals(row.get("metric")))
                        .map(row -> row.get("value")))
                .containsExactly(lines(own, "evaluations.jsonl").get(1).get("eval/first/loss"));
        Path changed = Files.createDirectory(scratch.resolve("changed"));
        try (Stream<Path> files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, changed.resolve(file.getFileName()));
            }
        }
        Path tokenizer = changed.resolve("tokenizer.json");
        Files.writeString(
                tokenizer,
                Files.readString(tokenizer)
                        .replaceFirst("\"([a-z]{2,3})\": 4(\\d\\d),", "\"$1\": 4$2, \"q$1q\": 599,"));
        assertThat(Sha256.of(Files.readString(tokenizer)))
                .isNotEqualTo(Sha256.of(Files.readString(MODEL.resolve("tokenizer.json"))));
        assertThat(Ended.of(
                                "train",
                                scratch.resolve("experiment.yaml").toString(),
                                "--out",
                                scratch.resolve("never").toString(),
                                "--set",
                                "reference={path: '" + changed + "'}")
                        .err())
                .contains("reference must have the tokens of the policy, got 'q");
    }

    @Test
    void wrong_options_are_refused_with_what_they_must_be() {
        String model = MODEL.toString();
        assertThat(refused(run.toString(), "--dtype", "bfloat16")).contains("must be absent for a run");
        assertThat(refused(model)).contains("--data must be given for a model");
        assertThat(refused(model, "--data", PAIRS + "", "--data", PAIRS + "", "--format", "conversational"))
                .contains("--data must be NAME=FILE with different names for several files");
        assertThat(refused(model, "--data", "loss=" + PAIRS, "--format", "conversational"))
                .contains("--data loss must not be a name of metrics");
        assertThat(refused(model, "--data", PAIRS + "", "--format", "conversational", "--loss", "{type: ipo}"))
                .contains("preference.reduction must be given");
        assertThat(refused(
                        model, "--data", PAIRS + "", "--format", "conversational", "--loss", "{type: hinge, beta: 1}"))
                .contains("--reference must be given for an objective with a reference, got none");
        assertThat(refused(scratch.resolve("nowhere").toString(), "--data", "x", "--format", "standard"))
                .contains("must be the folder of a run or of a model");
    }

    private static String refused(String... arguments) {
        Ended ended = Ended.of(
                Stream.concat(Stream.of("evaluate"), Stream.of(arguments)).toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isEqualTo(2);
        return ended.err();
    }

    @SuppressWarnings("unchecked") // an array of objects
    private static List<Map<String, Object>> rows(String... arguments) {
        String[] all = Stream.of(Stream.of("evaluate"), Stream.of(arguments), Stream.of("--print", "json"))
                .flatMap(part -> part)
                .toArray(String[]::new);
        Ended ended = Ended.of(all);
        assertThat(ended.code()).as(ended.err()).isZero();
        return new JsonMapper().readValue(ended.out(), List.class);
    }

    private static double value(List<Map<String, Object>> rows, String objective, String metric) {
        return rows.stream()
                .filter(row -> row.get("group") == null && metric.equals(row.get("metric")))
                .filter(row -> String.valueOf(row.get("objective")).contains(objective))
                .map(row -> (Double) row.get("value"))
                .findFirst()
                .orElseThrow();
    }

    private static double group(List<Map<String, Object>> rows, String group, String metric) {
        return rows.stream()
                .filter(row -> group.equals(row.get("group")) && metric.equals(row.get("metric")))
                .map(row -> (Double) row.get("value"))
                .findFirst()
                .orElseThrow();
    }

    private static List<Map<String, Object>> lines(Path folder, String file) {
        return JsonLines.read(folder.resolve(file));
    }
}
