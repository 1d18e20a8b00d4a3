package dpo.harness.run;

import static dpo.harness.run.TabularRuns.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Policy;
import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenLogProbs;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers that a run computes and records. */
class TrainingLoopTest {

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @Test
    void the_same_configuration_gives_the_same_bits_and_another_seed_does_not() {
        List<Map<String, Object>> first = runs.train("first");
        assertThat(runs.train("second")).isEqualTo(first);
        assertThat(runs.train("third", "seed=2")).isNotEqualTo(first);
    }

    @Test
    void the_result_has_the_mean_loss_over_the_steps_and_the_last_ones() {
        Map<String, Double> result = runs.run("result", () -> false).orElseThrow();
        List<Map<String, Object>> lines = runs.metrics("result");
        double mean = lines.stream()
                .mapToDouble(line -> (Double) line.get("loss"))
                .average()
                .orElseThrow();
        assertThat(result.get("train/mean_loss")).isCloseTo(mean, within(1e-14));
        assertThat(result).containsEntry("train/last_loss", (Double)
                lines.get(lines.size() - 1).get("loss"));
        assertThat(result.get("train/last_loss")).isNotCloseTo(mean, within(1e-3));
    }

    @Test
    void samples_of_policy_and_reference_are_recorded_together_and_change_nothing_else() {
        String asked = "training.samples={prompts: 3, max_new_tokens: 3, temperature: 0.7}";
        assertThat(runs.train("with", asked)).isEqualTo(runs.train("without"));
        assertThat(runs.evaluations("with")).isEqualTo(runs.evaluations("without"));
        assertThat(folder.resolve("without/samples.jsonl")).doesNotExist();
        List<Map<String, Object>> lines = runs.samples("with");
        // The world has two prompts, evaluations are at steps 3, 6, 9 and 10, and step 0 is before them.
        assertThat(lines).extracting(line -> line.get("step")).containsExactly(0, 0, 3, 3, 6, 6, 9, 9, 10, 10);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).containsOnlyKeys("step", "pair", "prompt_ids", "policy_ids", "reference_ids");
            assertThat(lines.get(i).get("reference_ids"))
                    .isEqualTo(lines.get(i % 2).get("reference_ids"));
            assertThat((List<?>) lines.get(i).get("policy_ids")).hasSizeBetween(1, 3);
        }
        assertThat(lines.subList(0, 2))
                .allSatisfy(line -> assertThat(line.get("policy_ids")).isEqualTo(line.get("reference_ids")));
        assertThat(lines.get(0).get("prompt_ids")).isNotEqualTo(lines.get(1).get("prompt_ids"));
        runs.train("batches", asked, "training.micro_batch_size=1");
        assertThat(runs.samples("batches")).isEqualTo(lines);
    }

    @Test
    void tensorboard_events_have_the_values_of_the_metrics() {
        runs.train("events");
        assertThat(folder.resolve("events/tensorboard")).isNotEmptyDirectory();
    }

    /**
     * The loss of a step must come from the passes of its gradient: passes in training, with dropout.
     */
    @ParameterizedTest
    @ValueSource(strings = {"aot", "sigmoid"})
    void loss_and_gradient_of_a_step_come_from_the_same_passes(String type) {
        String objective = "objective={preference: {type: " + type + "}}";
        UnaryOperator<Policy> lower = TrainingLoopTest::otherOutsideOfTraining;
        runs.run("whole", () -> false, lower, objective, "training.micro_batch_size=12");
        runs.run("parts", () -> false, lower, objective, "training.micro_batch_size=5");
        assertSame(runs.metrics("whole"), runs.metrics("parts"), "loss", "grad_norm", "rewards/margins");
        assertThat((Double) runs.metrics("parts").get(0).get("logps/chosen")).isGreaterThan(-20);
    }

    @Test
    void held_out_preferences_are_scored_outside_of_training_with_statistics_or_without() {
        for (String type : List.of("sigmoid", "tdpo1")) {
            String objective = "objective={preference: {type: " + type + "}}";
            runs.run(type, () -> false, TrainingLoopTest::otherOutsideOfTraining, objective);
            assertThat((Double) runs.evaluations(type).get(0).get("eval/logps/chosen"))
                    .isLessThan(-100);
            assertThat((Double) runs.metrics(type).get(0).get("logps/chosen")).isGreaterThan(-20);
        }
    }

    /** A policy whose log-probabilities are far lower outside of training, like a large effect of dropout. */
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
                logProbs.shape(),
                Arrays.stream(logProbs.toArray()).map(value -> value - 50).toArray());
    }
}
