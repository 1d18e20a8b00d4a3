package dpo.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Normalizer;
import dpo.core.loss.token.Tdpo2Loss;
import dpo.core.sequence.Judgement;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.config.ExperimentFile;
import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.JsonLines;
import dpo.experiments.store.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingLoopTest {

    private static final String EXPERIMENT = """
            name: loop
            backend: tabular
            model: {vocabulary: 5, length: 4, prompts: 2}
            data: {train: {format: world, pairs: 60}, evaluation: {format: world, pairs: 20}}
            objective: {preference: {type: ipo, reduction: mean}, sft: {weight: 0.1, reduction: token_mean}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 2, batch_size: 12, evaluate_every: 3}
            """;

    @TempDir
    Path folder;

    @Test
    void any_micro_batch_size_gives_the_same_training() {
        List<Map<String, Object>> whole = train("whole", "training.micro_batch_size=12");
        List<Map<String, Object>> split = train("split", "training.micro_batch_size=5");
        assertThat(whole).hasSize(10);
        assertSame(whole, split, "loss", "loss/sft", "grad_norm", "rewards/margins", "logps/chosen");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 100_000})
    void any_budget_of_tokens_gives_the_same_training_and_evaluation(int budget) {
        List<Map<String, Object>> whole = train("whole");
        List<Map<String, Object>> cut = train("cut", "training.micro_batch_tokens=" + budget);
        assertSame(whole, cut, "epoch", "loss", "loss/sft", "grad_norm", "rewards/margins", "logps/chosen", "tokens");
        assertSame(evaluations("whole"), evaluations("cut"), "eval/loss", "eval/rewards/margins", "world/reward");
        assertThat(pairs("cut")).isEqualTo(pairs("whole"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "kto"})
    void no_pass_is_over_the_budget_of_tokens_but_that_of_one_preference_alone(String type) {
        String objective = "objective={preference: {type: " + type + "}}";
        List<List<TokenSequence>> passes = new ArrayList<>();
        String model = "model={vocabulary: 5, length: 20, prompts: 2}";
        String budget = "training.micro_batch_tokens=40";
        run("budget", () -> false, policy -> recording(policy, passes), objective, model, budget);
        // One preference has two rows at most.
        assertThat(passes).filteredOn(rows -> rows.size() > 2).isNotEmpty().allSatisfy(rows -> assertThat(
                        new Preference("all", rows, Judgement.ordered(rows.size())).distinctTokens())
                .isLessThanOrEqualTo(40));
    }

    @Test
    void the_same_configuration_gives_the_same_bits_and_another_seed_does_not() {
        List<Map<String, Object>> first = train("first");
        assertThat(train("second")).isEqualTo(first);
        assertThat(train("third", "seed=2")).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"seed=1", "training.checkpoint_every=1000"})
    void stopped_at_any_time_and_resumed_training_ends_as_if_undisturbed(String other) throws IOException {
        String asked = "training.samples={prompts: 2, max_new_tokens: 3}";
        List<Map<String, Object>> undisturbed = train("undisturbed", asked, other);
        Set<String> positions = new TreeSet<>();
        boolean isOver = false;
        for (int questions = 1; !isOver; questions++) {
            String name = "stopped-" + questions;
            AtomicInteger left = new AtomicInteger(questions);
            isOver = run(name, () -> left.decrementAndGet() <= 0, asked, other).isPresent();
            Path state = folder.resolve(name).resolve("checkpoints/resume/state.json");
            if (Files.exists(state)) {
                positions.add(Files.readString(state));
            }
            assertThat(run(name, () -> false, asked, other)).isPresent();
            assertThat(metrics(name)).isEqualTo(undisturbed);
            assertThat(evaluations(name)).isEqualTo(evaluations("undisturbed"));
            assertThat(samples(name)).isEqualTo(samples("undisturbed"));
            assertThat(folder.resolve(name).resolve("pairs.jsonl"))
                    .hasSameTextualContentAs(folder.resolve("undisturbed/pairs.jsonl"));
        }
        assertThat(positions).as("after ten steps, and within four evaluations").hasSizeGreaterThanOrEqualTo(10 + 3);
    }

    @Test
    void what_an_objective_and_a_moving_reference_carry_survives_a_stop_after_any_step() {
        String robust = "objective.groups={robust: {step_size: 0.5}}";
        String moving = "reference={sync_steps: 2, mixup_alpha: 0.5}";
        String tokens = "training.micro_batch_tokens=25";
        List<Map<String, Object>> undisturbed = train("undisturbed", robust, moving, tokens);
        assertThat(undisturbed).allSatisfy(line -> assertThat(line).containsEntry("carried/preference/group/all", 1.0));
        stoppedAndResumed(name -> assertThat(metrics(name)).isEqualTo(undisturbed), robust, moving, tokens);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{preference: {type: sigmoid}, groups: {robust: {step_size: 0.5}}}",
        "{preference: {type: kto}}",
        "{preference: {type: bco}}",
        "{preference: {type: aot}}",
        "{preference: {type: beta_dpo, level: pair}}",
        "{preference: {type: hinge}, weighting: wpo}",
        "{preference: {type: ipo, reduction: mean}, ld_alpha: 0.3}",
        "{preference: [{type: kto, weight: 0.5}, {type: sft, weight: 0.1}]}",
        "{preference: {type: tdpo1}, weighting: wpo}",
        "{preference: [{type: tdpo1, weight: 0.5}, {type: tdpo2}]}",
        "{preference: {type: tdpo2, alpha: 0.7}, groups: {robust: {step_size: 0.5}}}"
    })
    void objectives_that_ask_for_more_train_the_same_in_any_micro_batches(String objective) {
        List<Map<String, Object>> whole = train("whole", "objective=" + objective, "training.micro_batch_size=12");
        List<Map<String, Object>> parts = train("parts", "objective=" + objective, "training.micro_batch_size=5");
        assertSame(whole, parts, "loss", "grad_norm", "rewards/margins");
        List<Map<String, Object>> cut = train("cut", "objective=" + objective, "training.micro_batch_tokens=15");
        assertSame(whole, cut, "loss", "grad_norm", "rewards/margins");
        assertSame(evaluations("whole"), evaluations("cut"), "eval/loss", "eval/rewards/margins");
        assertThat((Double) whole.get(9).get("rewards/margins")).isNotZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference={sync_steps: 2, mixup_alpha: 0.5}", "seed=1"})
    void the_divergence_at_each_token_is_stored_and_survives_a_stop_after_any_step(String other) throws IOException {
        String objective = "objective={preference: {type: tdpo2}}";
        List<Map<String, Object>> undisturbed = train("undisturbed", objective, other);
        stoppedAndResumed(name -> assertThat(metrics(name)).isEqualTo(undisturbed), objective, other);
        List<Map<String, Object>> evaluations = evaluations("undisturbed");
        PreferenceLogProbs stored = LogProbsFile.read(folder.resolve("undisturbed/pairs.jsonl"), OptionalInt.empty())
                .logProbs();
        double[] divergences = stored.statistic(TokenStatistic.REFERENCE_KL).toArray();
        assertThat(Arrays.stream(divergences)).allMatch(nats -> nats > 1e-6);
        assertThat(new Tdpo2Loss(0.1, 0.5).evaluate(stored, Normalizer.of(stored)).value())
                .isCloseTo((Double) evaluations.get(evaluations.size() - 1).get("eval/loss"), within(1e-12));
        assertThat(train("without", "objective={preference: {type: tdpo2, alpha: 0.0}}", other))
                .isNotEqualTo(undisturbed);
    }

    @Test
    void a_reference_that_is_replaced_by_the_policy_starts_again_from_equal_models() {
        List<Map<String, Object>> lines = train("moving", "reference={sync_steps: 3, mixup_alpha: 1.0}");
        assertThat((Double) lines.get(2).get("rewards/ties")).isLessThan(1);
        assertThat(lines.get(3)).containsEntry("rewards/ties", 1.0);
        assertThat((Double) train("fixed").get(3).get("rewards/ties")).isLessThan(1);
    }

    @Test
    void the_first_loss_is_that_of_equal_policy_and_reference() {
        Map<String, Object> first = train("first", "objective={preference: {type: sigmoid}}").get(0);
        assertThat((Double) first.get("loss")).isCloseTo(Math.log(2), within(1e-15));
        assertThat(first).containsEntry("rewards/accuracies", 0.5).containsEntry("rewards/ties", 1.0);
    }

    @Test
    void the_result_has_the_mean_loss_over_the_steps_and_the_last_ones() {
        Map<String, Double> result = run("result", () -> false).orElseThrow();
        List<Map<String, Object>> lines = metrics("result");
        double mean = lines.stream().mapToDouble(line -> (Double) line.get("loss")).average().orElseThrow();
        assertThat(result.get("train/mean_loss")).isCloseTo(mean, within(1e-14));
        assertThat(result).containsEntry("train/last_loss", (Double) lines.get(lines.size() - 1).get("loss"));
        assertThat(result.get("train/last_loss")).isNotCloseTo(mean, within(1e-3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simpo", "cpo", "orpo", "slic_hf", "alphapo, alpha: 0.1", "rrhf", "sft"})
    void an_objective_without_a_reference_computes_none(String type) {
        List<Map<String, Object>> lines = train("free", "objective={preference: {type: " + type + "}}");
        assertThat(folder.resolve("free/reference")).doesNotExist();
        assertThat(lines.get(0)).containsKeys("rewards/accuracies", "logps/chosen");
        assertThat(lines.get(0).keySet()).noneMatch(name -> name.contains("reference") || name.contains("kl_per"));
        assertThat(lines.get(9)).doesNotContainEntry("rewards/margins", lines.get(0).get("rewards/margins"));
        assertThat(JsonLines.read(folder.resolve("free/pairs.jsonl"))).hasSize(80)
                .allSatisfy(line -> assertThat(line).containsKey("policy").doesNotContainKey("reference"));
        assertThatThrownBy(() -> config("objective={preference: {type: " + type + "}}", "reference={}"))
                .hasMessageContaining("reference must be absent for an objective that uses no reference");
    }

    @Test
    void one_term_with_a_reference_among_others_asks_for_it() {
        List<Map<String, Object>> lines = train("mixed", "objective.preference=[{type: simpo, weight: 1}, {type: ipo, reduction: sum}]");
        assertThat(folder.resolve("mixed/reference")).isNotEmptyDirectory();
        assertThat(lines.get(0)).containsEntry("forward_kl_per_token", 0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "kto", "aot"})
    void until_the_policy_moves_its_log_ratios_are_zero_however_the_rounding_depends_on_the_batch(String type) {
        run("rounded", () -> false, TrainingLoopTest::roundedByBatch, "objective={preference: {type: " + type + "}}",
                "training.micro_batch_size=5", "schedule={type: linear, warmup_steps: 2}");
        List<Map<String, Object>> lines = metrics("rounded");
        assertThat(lines.get(0)).containsEntry("learning_rate", 0.0);
        assertThat(lines.subList(0, 2)).allSatisfy(line -> assertThat(line)
                .containsEntry("chosen_log_prob_fell", 0.0)
                .containsEntry("forward_kl_per_token", 0.0));
        assertThat(lines.get(1).get("forward_kl_per_token")).isNotEqualTo(lines.get(2).get("forward_kl_per_token"));
    }

    @Test
    void samples_of_policy_and_reference_stand_side_by_side_and_change_nothing_else() {
        String asked = "training.samples={prompts: 3, max_new_tokens: 3, temperature: 0.7}";
        assertThat(train("with", asked)).isEqualTo(train("without"));
        assertThat(evaluations("with")).isEqualTo(evaluations("without"));
        assertThat(folder.resolve("without/samples.jsonl")).doesNotExist();
        List<Map<String, Object>> lines = samples("with");
        // The world has two prompts, evaluations are at steps 3, 6, 9 and 10, and step 0 is before them.
        assertThat(lines).extracting(line -> line.get("step")).containsExactly(0, 0, 3, 3, 6, 6, 9, 9, 10, 10);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).containsOnlyKeys("step", "pair", "prompt_ids", "policy_ids", "reference_ids");
            assertThat(lines.get(i).get("reference_ids")).isEqualTo(lines.get(i % 2).get("reference_ids"));
            assertThat((List<?>) lines.get(i).get("policy_ids")).hasSizeBetween(1, 3);
        }
        assertThat(lines.subList(0, 2)).allSatisfy(
                line -> assertThat(line.get("policy_ids")).isEqualTo(line.get("reference_ids")));
        assertThat(lines.get(0).get("prompt_ids")).isNotEqualTo(lines.get(1).get("prompt_ids"));
        train("batches", asked, "training.micro_batch_size=1");
        assertThat(samples("batches")).isEqualTo(lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference={sync_steps: 2, mixup_alpha: 0.9}", "seed=1"})
    void samples_survive_a_stop_after_any_step(String other) {
        String asked = "training.samples={temperature: 0.5, top_p: 0.9}";
        train("undisturbed", asked, other);
        List<Map<String, Object>> undisturbed = samples("undisturbed");
        assertThat(undisturbed).hasSize(10);
        stoppedAndResumed(name -> assertThat(samples(name)).isEqualTo(undisturbed), asked, other);
    }

    @Test
    void a_reference_that_moves_speaks_as_it_stands_at_each_evaluation() {
        String asked = "training.samples={max_new_tokens: 4}";
        train("moving", asked, "reference={sync_steps: 3, mixup_alpha: 1.0}", "optimizer.learning_rate=1.0");
        List<Map<String, Object>> lines = samples("moving");
        // At steps 3, 6 and 9 the reference has just become the policy.
        assertThat(lines.subList(0, 8)).allSatisfy(
                line -> assertThat(line.get("reference_ids")).isEqualTo(line.get("policy_ids")));
        assertThat(lines.subList(2, 8)).extracting(line -> line.get("reference_ids"))
                .isNotEqualTo(List.of(lines.get(0), lines.get(1), lines.get(0), lines.get(1), lines.get(0), lines.get(1))
                        .stream().map(line -> line.get("reference_ids")).toList());
    }

    @Test
    void a_reference_that_is_not_the_policy_is_noticed_before_the_first_step() throws IOException {
        train("honest", "training.micro_batch_size=60", "training.batch_size=60"); // one batch, one checksum
        Path tampered = Files.createDirectories(folder.resolve("tampered/reference"));
        try (var files = Files.list(folder.resolve("honest/reference"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[0] = 0x40; // the first log-prob becomes a positive number
                CRC32C checksum = new CRC32C();
                checksum.update(bytes, 0, bytes.length - Long.BYTES);
                ByteBuffer.wrap(bytes).putLong(bytes.length - Long.BYTES, checksum.getValue());
                Files.write(tampered.resolve(file.getFileName()), bytes);
            }
        }
        assertThatThrownBy(() -> run("tampered", () -> false, "training.micro_batch_size=60", "training.batch_size=60"))
                .isInstanceOf(TrainingFailure.class)
                .hasMessageContaining("policy must equal its reference before the first step")
                .hasMessageContaining("pair");
    }

    @Test
    void tensorboard_events_stand_beside_the_metrics() {
        train("events");
        assertThat(folder.resolve("events/tensorboard")).isNotEmptyDirectory();
    }

    /** Equal but for rounding. */
    private static void assertSame(
            List<Map<String, Object>> expected, List<Map<String, Object>> got, String... metrics) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            for (String metric : metrics) {
                assertThat(((Number) got.get(i).get(metric)).doubleValue())
                        .as(metric + " in line " + (i + 1))
                        .isCloseTo(((Number) expected.get(i).get(metric)).doubleValue(), within(1e-9));
            }
        }
    }

    /** The loss of a step must be that of which the gradient is taken: of passes in training, where dropout is drawn. */
    @ParameterizedTest
    @ValueSource(strings = {"aot", "sigmoid"})
    void a_step_takes_loss_and_gradient_of_the_same_passes(String type) {
        String objective = "objective={preference: {type: " + type + "}}";
        run("whole", () -> false, TrainingLoopTest::otherOutsideOfTraining, objective, "training.micro_batch_size=12");
        run("parts", () -> false, TrainingLoopTest::otherOutsideOfTraining, objective, "training.micro_batch_size=5");
        assertSame(metrics("whole"), metrics("parts"), "loss", "grad_norm", "rewards/margins");
        assertThat((Double) metrics("parts").get(0).get("logps/chosen")).isGreaterThan(-20);
    }

    @Test
    void held_out_preferences_are_scored_outside_of_training_with_statistics_or_without() {
        for (String type : List.of("sigmoid", "tdpo1")) {
            String objective = "objective={preference: {type: " + type + "}}";
            run(type, () -> false, TrainingLoopTest::otherOutsideOfTraining, objective);
            assertThat((Double) evaluations(type).get(0).get("eval/logps/chosen")).isLessThan(-100);
            assertThat((Double) metrics(type).get(0).get("logps/chosen")).isGreaterThan(-20);
        }
    }

    /** A policy whose log-probabilities are far lower outside of training: a dropout of which nothing can be missed. */
    private static Policy otherOutsideOfTraining(Policy policy) {
        return (Policy) Proxy.newProxyInstance(
                Policy.class.getClassLoader(), new Class<?>[] {Policy.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(policy, arguments);
                    if (result instanceof TokenLogProbs logProbs) {
                        return lowered(logProbs);
                    }
                    return result instanceof TokenScores scores
                            ? new TokenScores(lowered(scores.logProbs()), scores.statistics())
                            : result;
                });
    }

    private static TokenLogProbs lowered(TokenLogProbs logProbs) {
        return TokenLogProbs.of(
                logProbs.shape(), Arrays.stream(logProbs.toArray()).map(value -> value - 50).toArray());
    }

    /** A policy whose log-probabilities differ in their last bits with the batch in which they are computed. */
    private static Policy roundedByBatch(Policy policy) {
        return (Policy) Proxy.newProxyInstance(
                Policy.class.getClassLoader(), new Class<?>[] {Policy.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(policy, arguments);
                    if (result instanceof ForwardPass pass) {
                        return (ForwardPass) Proxy.newProxyInstance(
                                ForwardPass.class.getClassLoader(), new Class<?>[] {ForwardPass.class},
                                (passProxy, ofPass, given) -> rounded(ofPass.invoke(pass, given), arguments[0]));
                    }
                    return rounded(result, arguments == null ? List.of() : arguments[0]);
                });
    }

    private static Object rounded(Object result, Object batch) {
        double rounding = 1e-9 * (batch.hashCode() % 1000);
        return result instanceof TokenLogProbs logProbs
                ? TokenLogProbs.of(
                        logProbs.shape(), Arrays.stream(logProbs.toArray()).map(value -> value + rounding).toArray())
                : result;
    }

    private static Policy recording(Policy policy, List<List<TokenSequence>> passes) {
        return (Policy) Proxy.newProxyInstance(
                Policy.class.getClassLoader(), new Class<?>[] {Policy.class}, (proxy, method, arguments) -> {
                    if (List.of("logProbs", "scores", "forward").contains(method.getName())) {
                        passes.add(((List<?>) arguments[0]).stream().map(TokenSequence.class::cast).toList());
                    }
                    return method.invoke(policy, arguments);
                });
    }

    private List<Map<String, Object>> train(String name, String... overrides) {
        assertThat(run(name, () -> false, overrides)).isPresent();
        return metrics(name);
    }

    /** Runs that were stopped, each at another time, and went on to the end. */
    private void stoppedAndResumed(Consumer<String> require, String... overrides) {
        for (int stopAfter = 1; stopAfter < 10; stopAfter += 2) {
            String name = "stopped-" + stopAfter;
            AtomicInteger left = new AtomicInteger(stopAfter);
            assertThat(run(name, () -> left.decrementAndGet() <= 0, overrides)).isEmpty();
            assertThat(run(name, () -> false, overrides)).isPresent();
            require.accept(name);
        }
    }

    private Optional<Map<String, Double>> run(String name, BooleanSupplier stop, String... overrides) {
        return run(name, stop, UnaryOperator.identity(), overrides);
    }

    private Optional<Map<String, Double>> run(
            String name, BooleanSupplier stop, UnaryOperator<Policy> seen, String... overrides) {
        ExperimentConfig config = config(overrides);
        TrainingData data = new DataPreparation().prepare(config, Optional.empty(), 1000);
        RunFolder run = new RunFolder(folder.resolve(name));
        DurableFiles.createFolder(run.path());
        try (Policy policy = open(config);
                Policy second = open(config)) {
            ReferenceCache references = new ReferenceCache(run.path().resolve("reference"), stop);
            return new TrainingLoop(
                            config,
                            data,
                            seen.apply(policy),
                            TrainingLoop.needsSecondModel(config) ? Optional.of(second) : Optional.empty(),
                            run,
                            references,
                            "tabular",
                            Progress.SILENT,
                            stop)
                    .run();
        }
    }

    private static Policy open(ExperimentConfig config) {
        return new TabularBackend().open((TabularModel) config.model(), config.execution(), config.seed());
    }

    private ExperimentConfig config(String... overrides) {
        try {
            Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
            return ExperimentFile.read(file, List.of(overrides), Backends.onClassPath()).cells().get(0).config();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Map<String, Object>> metrics(String name) {
        List<Map<String, Object>> lines = JsonLines.read(folder.resolve(name).resolve("metrics.jsonl"));
        lines.forEach(line -> line.remove("step_seconds"));
        return lines;
    }

    /** What identifies the held-out pairs, line by line. */
    private List<Object> pairs(String name) {
        return JsonLines.read(folder.resolve(name).resolve("pairs.jsonl")).stream()
                .<Object>map(line -> List.of(line.get("step"), line.get("pair"), line.get("tokens"), line.get("turns")))
                .toList();
    }

    private List<Map<String, Object>> samples(String name) {
        return JsonLines.read(folder.resolve(name).resolve("samples.jsonl"));
    }

    private List<Map<String, Object>> evaluations(String name) {
        return JsonLines.read(folder.resolve(name).resolve("evaluations.jsonl"));
    }
}
