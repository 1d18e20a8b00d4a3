package dpo.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.random.RandomStreams;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPlanTest {

    private static final RandomStreams STREAMS = new RandomStreams(3);

    private static BatchPlan plan(int examples, int batch, int micro, int epochs, Order order) {
        return BatchPlan.of(new int[examples], batch, new MicroBatches.OfExamples(micro), epochs, order, STREAMS);
    }

    private static BatchPlan ofTokens(int[] tokens, int batch, int budget, int epochs) {
        return BatchPlan.of(tokens, batch, new MicroBatches.OfTokens(budget), epochs, Order.SHUFFLED, STREAMS);
    }

    /** The examples of an epoch in the order in which they are used. */
    private static List<Integer> epoch(BatchPlan plan, int epoch) {
        return IntStream.rangeClosed(1, plan.stepsPerEpoch())
                .mapToObj(step -> plan.step(epoch * plan.stepsPerEpoch() + step))
                .flatMap(step -> step.microBatches().stream())
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void by_hand_seven_examples_in_batches_of_four_and_micro_batches_of_three() {
        BatchPlan plan = plan(7, 4, 3, 2, Order.SEQUENTIAL);
        assertThat(plan.steps()).isEqualTo(4);
        assertThat(plan.step(1)).isEqualTo(new BatchPlan.Step(1, 2 / 3.0, List.of(List.of(0, 1, 2), List.of(3))));
        assertThat(plan.step(2)).isEqualTo(new BatchPlan.Step(2, 1, List.of(List.of(4, 5, 6))));
        assertThat(plan.step(3)).isEqualTo(new BatchPlan.Step(3, 1 + 2 / 3.0, List.of(List.of(0, 1, 2), List.of(3))));
        assertThat(plan.step(4).epoch()).isEqualTo(2);
    }

    /** Trainer of transformers: epoch + micro-batches done / micro-batches of an epoch. */
    @Test
    void the_epoch_is_the_one_that_trl_logs() {
        BatchPlan plan = plan(48, 4, 2, 1, Order.SEQUENTIAL);
        assertThat(plan.steps()).isEqualTo(12);
        assertThat(plan.step(1).epoch()).isEqualTo(2 / 24.0);
        assertThat(plan.step(12).epoch()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "10,3,2", "10,10,10", "10,64,8", "97,8,8", "100,7,1"})
    void every_epoch_uses_every_example_once(int examples, int batch, int micro) {
        BatchPlan plan = plan(examples, batch, micro, 3, Order.SHUFFLED);
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(epoch(plan, epoch))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, examples).boxed().toList());
            assertThat(plan.step((epoch + 1) * plan.stepsPerEpoch()).epoch()).isEqualTo(epoch + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"10,3,2", "97,8,3", "100,7,7"})
    void all_batches_but_the_last_of_an_epoch_are_full(int examples, int batch, int micro) {
        BatchPlan plan = plan(examples, batch, micro, 1, Order.SHUFFLED);
        for (int step = 1; step < plan.steps(); step++) {
            assertThat(plan.step(step).examples()).isEqualTo(batch);
            assertThat(plan.step(step).microBatches()).allMatch(indices -> indices.size() <= micro);
        }
        assertThat(plan.step(plan.steps()).examples()).isEqualTo(examples - (plan.steps() - 1) * batch);
    }

    @Test
    void the_order_does_not_depend_on_batch_sizes_and_more_epochs_do_not_change_the_first() {
        assertThat(epoch(plan(50, 8, 4, 1, Order.SHUFFLED), 0)).isEqualTo(epoch(plan(50, 7, 1, 5, Order.SHUFFLED), 0));
        assertThat(epoch(plan(50, 8, 4, 2, Order.SHUFFLED), 1)).isEqualTo(epoch(plan(50, 8, 4, 5, Order.SHUFFLED), 1));
    }

    @Test
    void every_epoch_and_seed_has_its_own_order_and_equal_seeds_have_equal_orders() {
        BatchPlan plan = plan(50, 8, 4, 2, Order.SHUFFLED);
        assertThat(epoch(plan, 0))
                .isNotEqualTo(epoch(plan, 1))
                .isNotEqualTo(IntStream.range(0, 50).boxed().toList());
        assertThat(epoch(plan(50, 8, 4, 2, Order.SHUFFLED), 0)).isEqualTo(epoch(plan, 0));
        BatchPlan other =
                BatchPlan.of(new int[50], 8, new MicroBatches.OfExamples(4), 2, Order.SHUFFLED, new RandomStreams(4));
        assertThat(epoch(other, 0)).isNotEqualTo(epoch(plan, 0));
    }

    @Test
    void all_orders_are_equally_likely() {
        int[] counts = new int[6];
        for (int seed = 0; seed < 6000; seed++) {
            BatchPlan plan = BatchPlan.of(
                    new int[3], 1, new MicroBatches.OfExamples(1), 1, Order.SHUFFLED, new RandomStreams(seed));
            List<Integer> order = epoch(plan, 0);
            counts[order.get(0) * 2 + (order.get(1) > order.get(2) ? 1 : 0)]++;
        }
        // Six standard deviations of a count of 1000 of 6000 are 173.
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(827, 1173));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "10,30", "97,64", "100,120", "100,100000"})
    void any_budget_of_tokens_gives_every_step_the_same_examples(int examples, int budget) {
        int[] tokens = new SplittableRandom(examples).ints(examples, 1, 100).toArray();
        BatchPlan whole = plan(examples, 8, 8, 2, Order.SHUFFLED);
        BatchPlan cut = ofTokens(tokens, 8, budget, 2);
        assertThat(cut.steps()).isEqualTo(whole.steps());
        for (int step = 1; step <= cut.steps(); step++) {
            assertThat(cut.step(step).microBatches().stream().flatMap(List::stream))
                    .containsExactlyInAnyOrderElementsOf(
                            whole.step(step).microBatches().get(0));
        }
    }

    @Test
    void by_hand_with_a_budget_of_tokens_the_epoch_is_counted_in_examples() {
        int[] tokens = {3, 9, 2, 5, 4};
        BatchPlan plan = BatchPlan.of(tokens, 3, new MicroBatches.OfTokens(8), 2, Order.SEQUENTIAL, STREAMS);
        assertThat(plan.step(1)).isEqualTo(new BatchPlan.Step(1, 0.6, List.of(List.of(1), List.of(0, 2))));
        assertThat(plan.step(2)).isEqualTo(new BatchPlan.Step(2, 1, List.of(List.of(3), List.of(4))));
        assertThat(plan.step(3).epoch()).isEqualTo(1.6);
    }

    @Test
    void numbers_out_of_range_are_refused() {
        assertThatThrownBy(() -> plan(0, 1, 1, 1, Order.SEQUENTIAL)).hasMessage("examples must be at least 1, got 0");
        assertThatThrownBy(() -> plan(1, 0, 1, 1, Order.SEQUENTIAL)).hasMessage("batch_size must be at least 1, got 0");
        assertThatThrownBy(() -> plan(1, 1, 0, 1, Order.SEQUENTIAL))
                .hasMessage("micro_batch_size must be at least 1, got 0");
        assertThatThrownBy(() -> plan(1, 1, 1, 0, Order.SEQUENTIAL)).hasMessage("epochs must be at least 1, got 0");
        BatchPlan plan = plan(5, 2, 1, 1, Order.SEQUENTIAL);
        assertThatThrownBy(() -> plan.step(0)).hasMessage("step must be in [1, 3], got 0");
        assertThatThrownBy(() -> plan.step(4)).hasMessage("step must be in [1, 3], got 4");
    }
}
