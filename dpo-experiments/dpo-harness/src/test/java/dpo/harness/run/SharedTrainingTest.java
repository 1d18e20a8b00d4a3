package dpo.harness.run;

import static dpo.harness.run.TabularRuns.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several ranks that share the steps of a training, here threads. */
class SharedTrainingTest {

    private static final String MICRO_BATCHES = "training.micro_batch_tokens=20";

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{preference: {type: ipo, reduction: mean}, sft: {weight: 0.1, reduction: token_mean}}",
                "{preference: {type: sigmoid}, groups: {robust: {step_size: 0.5}}}",
                "{preference: {type: kto}}",
                "{preference: {type: bco}}",
                "{preference: {type: aot}}",
                "{preference: {type: beta_dpo, level: batch}}",
                "{preference: {type: simpo}}",
                "{preference: [{type: tdpo1, weight: 0.5}, {type: tdpo2}]}"
            })
    void any_number_of_ranks_trains_as_one_for_every_kind_of_objective(String objective) {
        List<Map<String, Object>> alone = runs.train("alone", "objective=" + objective, MICRO_BATCHES);
        for (int ranks : List.of(2, 3)) {
            String name = "on-" + ranks;
            assertThat(runs.runOnRanks(ranks, name, () -> false, "objective=" + objective, MICRO_BATCHES))
                    .isPresent();
            assertSame(alone, runs.metrics(name), "epoch", "loss", "grad_norm", "rewards/margins", "tokens");
            assertSame(runs.evaluations("alone"), runs.evaluations(name), "eval/loss", "world/reward");
            String inTurn = "in-turn-" + ranks;
            assertThat(runs.runInTurn(ranks, inTurn, () -> false, "objective=" + objective, MICRO_BATCHES))
                    .isPresent();
            assertEqualBits(name, inTurn);
        }
    }

    @Test
    void a_moving_reference_moves_on_all_ranks() {
        String[] moving = {"reference={sync_steps: 2, mixup_alpha: 0.5}", MICRO_BATCHES};
        List<Map<String, Object>> alone = runs.train("alone", moving);
        runs.runOnRanks(2, "shared", () -> false, moving);
        assertSame(alone, runs.metrics("shared"), "loss", "grad_norm", "rewards/margins");
    }

    @Test
    void a_training_stopped_at_any_step_resumes_with_another_number_of_ranks() {
        String[] carrying = {"objective={preference: {type: bco}}", MICRO_BATCHES};
        List<Map<String, Object>> alone = runs.train("alone", carrying);
        for (int stopAfter = 1; stopAfter < 10; stopAfter += 2) {
            String name = "stopped-" + stopAfter;
            AtomicInteger left = new AtomicInteger(stopAfter);
            assertThat(runs.runOnRanks(3, name, () -> left.decrementAndGet() <= 0, carrying))
                    .isEmpty();
            assertThat(runs.runOnRanks(2, name, () -> false, carrying)).isPresent();
            assertSame(alone, runs.metrics(name), "loss", "grad_norm", "rewards/margins");
        }
    }

    @Test
    void an_equal_number_of_ranks_gives_equal_bits() {
        runs.runOnRanks(3, "one", () -> false, MICRO_BATCHES);
        AtomicInteger left = new AtomicInteger(4);
        runs.runOnRanks(3, "another", () -> left.decrementAndGet() <= 0, MICRO_BATCHES);
        runs.runOnRanks(3, "another", () -> false, MICRO_BATCHES);
        assertEqualBits("one", "another");
    }

    @Test
    void a_run_of_several_ranks_resumes_in_one_process_with_equal_bits() {
        String[] carrying = {"objective={preference: {type: bco}}", MICRO_BATCHES};
        runs.runOnRanks(3, "shared", () -> false, carrying);
        AtomicInteger left = new AtomicInteger(4);
        runs.runOnRanks(3, "resumed", () -> left.decrementAndGet() <= 0, carrying);
        runs.runInTurn(3, "resumed", () -> false, carrying);
        assertEqualBits("shared", "resumed");
    }

    private void assertEqualBits(String expected, String got) {
        assertThat(runs.metrics(got)).isEqualTo(runs.metrics(expected));
        assertThat(runs.evaluations(got)).isEqualTo(runs.evaluations(expected));
    }

    @Test
    void as_many_ranks_as_micro_batches_give_the_numbers_of_one() {
        String[] two = {"objective={preference: {type: sigmoid}}", "training.micro_batch_size=6"};
        List<Map<String, Object>> alone = runs.train("alone", two);
        runs.runOnRanks(2, "shared", () -> false, two);
        assertSame(alone, runs.metrics("shared"), "loss");
    }
}
