package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.statistics.Difference;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two runs and two sweeps of the controlled world compared. */
class DiffCommandTest {

    @TempDir
    static Path scratch;

    private static RecordedRuns runs;
    private static Path run;
    private static Path other;

    @BeforeAll
    static void train() {
        runs = new RecordedRuns(scratch);
        run = runs.trained("run");
        other = runs.trained("other", "objective.preference={type: ipo, beta: 0.1, reduction: sum}");
    }

    private static Ended diff(Path a, Path b, String... options) {
        String[] arguments = new String[3 + options.length];
        arguments[0] = "diff";
        arguments[1] = a.toString();
        arguments[2] = b.toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return Ended.of(arguments);
    }

    private static JsonNode rows(Ended ended) {
        return JsonMapper.builder().build().readTree(ended.out());
    }

    private static JsonNode row(JsonNode rows, String name, String cell) {
        for (JsonNode row : rows) {
            if (row.get("metric").asString().equals(name)
                    && row.get("cell").asString("").equals(cell)) {
                return row;
            }
        }
        throw new AssertionError("no row " + name + " in " + rows);
    }

    @Test
    void a_run_and_its_copy_differ_in_nothing() {
        Ended ended = diff(run, runs.copied(run, "copy"));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith("equal settings, data, model, code and environment\n");
    }

    @Test
    void only_settings_that_differ_are_named() {
        Ended ended = diff(run, other);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .containsPattern("setting +objective.preference.type +sigmoid +ipo")
                .doesNotContain("preference.beta ", "environment", "data  ", "code  ");
    }

    @Test
    void margins_and_accuracies_of_pairs_that_share_prompts_are_tested_by_prompt() {
        Ended ended = diff(run, other, "--format", "json");
        JsonNode rows = rows(ended);
        JsonNode margins = row(rows, "eval/rewards/margins", "");
        double a = new RunFolder(run).record().orElseThrow().result().get("eval/rewards/margins");
        double b = new RunFolder(other).record().orElseThrow().result().get("eval/rewards/margins");
        assertThat(margins.get("A").asDouble()).isEqualTo(a);
        assertThat(margins.get("estimate").asDouble()).isEqualTo(b - a);
        assertThat((margins.get("low").asDouble() + margins.get("high").asDouble()) / 2)
                .isCloseTo(b - a, within(1e-9));
        Set<Object> prompts = new HashSet<>();
        JsonLines.read(run.resolve("pairs.jsonl")).forEach(line -> prompts.add(line.get("prompt")));
        assertThat(margins.get("n").asInt()).isEqualTo(prompts.size()).isBetween(5, 8);
        JsonNode accuracy = row(rows, "eval/rewards/accuracies", "");
        List<Object> promptOfEach = new ArrayList<>();
        last(run).forEach(line -> promptOfEach.add(line.get("prompt")));
        double[] right =
                last(run).stream().mapToDouble(DiffCommandTest::isRight).toArray();
        Interval expected = Proportions.ofPairs(right, promptOfEach);
        assertThat(accuracy.get("test").asString()).isEqualTo("paired t");
        assertThat(accuracy.get("n").asInt()).isEqualTo(prompts.size());
        assertThat(accuracy.get("A 95 %").asString())
                .isEqualTo(String.format(Locale.ROOT, "[%.3f, %.3f]", expected.low(), expected.high()));
        assertThat(row(rows, "world/kl", "").get("test").asString("")).isEmpty();
        assertThat(row(rows, "world/kl", "").get("effect").asString()).isEqualTo("ratio");
        assertThat(ended.err()).contains("take those of one prompt as dependent");
    }

    @Test
    void each_named_evaluation_set_is_tested_on_its_own_pairs() {
        String sets = "data.evaluation={first: {format: world, pairs: 20}, second: {format: world, pairs: 30}}";
        JsonNode rows = rows(diff(
                runs.trained("sets", sets),
                runs.trained("other-sets", sets, "seed=1", "optimizer.learning_rate=0.1"),
                "--format",
                "json"));
        assertThat(row(rows, "eval/first/rewards/margins", "").get("low").asDouble())
                .isNotEqualTo(
                        row(rows, "eval/second/rewards/margins", "").get("low").asDouble());
        assertThat(row(rows, "eval/second/rewards/margins", "").get("test").asString())
                .isEqualTo("paired t");
    }

    private static List<Map<String, Object>> last(Path folder) {
        return JsonLines.read(folder.resolve("pairs.jsonl")).stream()
                .filter(line -> line.get("step").equals(4))
                .toList();
    }

    private static double isRight(Map<String, Object> line) {
        return (1 + Math.signum(logRatio(line, "chosen") - logRatio(line, "rejected"))) / 2;
    }

    private static double logRatio(Map<String, Object> line, String side) {
        return ((Number) ((Map<?, ?>) line.get("policy")).get(side)).doubleValue()
                - ((Number) ((Map<?, ?>) line.get("reference")).get(side)).doubleValue();
    }

    @Test
    void cells_of_sweeps_are_matched_by_common_settings_and_compared_over_common_seeds() {
        Path one = runs.swept("one", "sweep: {objective.preference.beta: [0.1, 0.5], seed: [1, 2, 3]}\n");
        Path two = runs.swept(
                "two",
                "sweep: {objective.preference.beta: [0.1, 1.0], seed: [2, 3, 4]}\n",
                "optimizer.learning_rate=0.1");
        Ended ended = diff(one, two, "--format", "json");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("only the common seeds 2, 3 of 3 and 3");
        JsonNode rows = rows(ended);
        assertThat(row(rows, "objective.preference.beta = 0.5", "").get("A").asString())
                .isEqualTo("seeds 1, 2, 3");
        assertThat(row(rows, "objective.preference.beta = 1", "").get("A").asString())
                .isEqualTo("absent");
        assertThat(row(rows, "optimizer.learning_rate", "").get("B").asString()).isEqualTo("0.1");
        JsonNode margin = row(rows, "eval/rewards/margins", "objective.preference.beta = 0.1");
        Difference expected = Difference.paired(margins(two), margins(one));
        assertThat(margin.get("estimate").asDouble())
                .isCloseTo(expected.interval().estimate(), within(1e-12));
        assertThat(margin.get("low").asDouble()).isCloseTo(expected.interval().low(), within(1e-12));
        assertThat(margin.get("p").asDouble()).isCloseTo(expected.p(), within(1e-12));
        assertThat(margin.get("n").asInt()).isEqualTo(2);
        assertThat(diff(one, two, "--metric", "world/reward", "--metric", "world/kl")
                        .out())
                .contains("world/reward", "world/kl")
                .doesNotContain("eval/");
        assertThat(diff(one, two, "--metric", "world/rewards")).satisfies(unknown -> {
            assertThat(unknown.code()).isEqualTo(2);
            assertThat(unknown.err()).contains("--metric must be one of the results", "got [world/rewards]");
        });
        assertThat(diff(one, run).err()).contains("A and B must be two runs or two sweeps");
    }

    @Test
    void a_sweep_without_a_cell_or_a_seed_of_the_other_is_different() {
        String axes = "sweep: {objective.preference.beta: [0.1, 0.5], seed: [1, 2]}\n";
        Path whole = runs.swept("whole", axes);
        assertThat(diff(whole, runs.copied(whole, "same")).code()).isZero();
        Path part = runs.copied(whole, "part");
        List<RunFolder> cells = RunFolder.in(part.resolve("runs"));
        DurableFiles.delete(cells.get(0).path());
        assertThat(diff(whole, part)).satisfies(ended -> {
            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.out()).containsPattern("cell +objective.preference.beta = 0.1 +seeds 1, 2 +seed 2");
        });
        DurableFiles.delete(cells.get(1).path());
        assertThat(diff(whole, part)).satisfies(ended -> {
            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.out()).containsPattern("cell +objective.preference.beta = 0.1 +seeds 1, 2 +absent");
        });
    }

    /** Final margins of β = 0.1 at the seeds 2 and 3. */
    private static double[] margins(Path sweep) {
        return RunFolder.in(sweep.resolve("runs")).stream()
                .map(folder -> folder.record().orElseThrow())
                .filter(record -> record.id().matches("beta=0\\.1,seed=[23]-.*"))
                .mapToDouble(record -> record.result().get("eval/rewards/margins"))
                .toArray();
    }

    @Test
    void a_folder_that_is_neither_is_an_error() {
        Ended ended = diff(run, scratch);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("folder must be a sweep's (with runs/) or a run's (with run.json)");
    }
}
