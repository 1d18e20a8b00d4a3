package dpo.harness.run;

import static dpo.harness.run.TabularRuns.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.Policy;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The division into micro-batches does not change an optimizer step. */
class MicroBatchedTrainingTest {

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @Test
    void any_micro_batch_size_gives_the_same_training() {
        List<Map<String, Object>> whole = runs.train("whole", "training.micro_batch_size=12");
        List<Map<String, Object>> split = runs.train("split", "training.micro_batch_size=5");
        assertThat(whole).hasSize(10);
        assertSame(whole, split, "loss", "loss/sft", "grad_norm", "rewards/margins", "logps/chosen");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 100_000})
    void any_budget_of_tokens_gives_the_same_training_and_evaluation(int budget) {
        List<Map<String, Object>> whole = runs.train("whole");
        List<Map<String, Object>> cut = runs.train("cut", "training.micro_batch_tokens=" + budget);
        assertSame(whole, cut, "epoch", "loss", "loss/sft", "grad_norm", "rewards/margins", "logps/chosen", "tokens");
        assertSame(
                runs.evaluations("whole"),
                runs.evaluations("cut"),
                "eval/loss",
                "eval/rewards/margins",
                "world/reward");
        assertThat(runs.pairs("cut")).isEqualTo(runs.pairs("whole"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "kto"})
    void only_a_pass_of_a_single_preference_may_exceed_the_token_budget(String type) {
        String objective = "objective={preference: {type: " + type + "}}";
        List<List<TokenSequence>> passes = new ArrayList<>();
        String model = "model={vocabulary: 5, length: 20, prompts: 2}";
        String budget = "training.micro_batch_tokens=40";
        runs.run("budget", () -> false, policy -> recording(policy, passes), objective, model, budget);
        // One preference has two rows at most. The pairs of the world, which tables score, are in no batch.
        assertThat(passes)
                .filteredOn(rows -> rows.size() > 2 && rows.size() < 40_000)
                .isNotEmpty()
                .allSatisfy(rows -> assertThat(new Preference("all", rows, Label.ordered(rows.size())).distinctTokens())
                        .isLessThanOrEqualTo(40));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
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
    void objectives_that_need_token_statistics_train_the_same_in_any_micro_batches(String objective) {
        List<Map<String, Object>> whole = runs.train("whole", "objective=" + objective, "training.micro_batch_size=12");
        List<Map<String, Object>> parts = runs.train("parts", "objective=" + objective, "training.micro_batch_size=5");
        assertSame(whole, parts, "loss", "grad_norm", "rewards/margins");
        List<Map<String, Object>> cut = runs.train("cut", "objective=" + objective, "training.micro_batch_tokens=15");
        assertSame(whole, cut, "loss", "grad_norm", "rewards/margins");
        assertSame(runs.evaluations("whole"), runs.evaluations("cut"), "eval/loss", "eval/rewards/margins");
        assertThat((Double) whole.get(9).get("rewards/margins")).isNotZero();
    }

    private static Policy recording(Policy policy, List<List<TokenSequence>> passes) {
        return (Policy) Proxy.newProxyInstance(
                Policy.class.getClassLoader(), new Class<?>[] {Policy.class}, (proxy, method, arguments) -> {
                    if (List.of("logProbs", "scores", "forward").contains(method.getName())) {
                        passes.add(((List<?>) arguments[0])
                                .stream().map(TokenSequence.class::cast).toList());
                    }
                    return method.invoke(policy, arguments);
                });
    }
}
