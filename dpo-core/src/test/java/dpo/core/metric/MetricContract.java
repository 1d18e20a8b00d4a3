package dpo.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Laws that every {@link PreferenceMetric} must satisfy; the test class of a metric implements this interface. */
public interface MetricContract {

    /** The metric. */
    PreferenceMetric metric();

    /** The objective whose rewards are measured. */
    default PreferenceLoss objective() {
        return new SigmoidLoss(0.1, 0);
    }

    @Test
    default void no_preferences_give_no_values() {
        assertThat(metric().accumulator(objective()).values()).isEmpty();
    }

    @Test
    default void any_split_into_batches_gives_the_same_values() {
        List<Integer> all = IntStream.range(0, 12).boxed().toList();
        Map<String, Double> whole = values(List.of(all));
        assertThat(whole).isNotEmpty();
        assertThat(whole.values()).allMatch(Double::isFinite);
        for (int size : new int[] {1, 5, 7}) {
            List<List<Integer>> parts = new ArrayList<>();
            for (int i = 0; i < all.size(); i += size) {
                parts.add(all.subList(i, Math.min(i + size, all.size())));
            }
            assertClose(values(parts), whole);
        }
    }

    @Test
    default void the_order_of_preferences_does_not_matter() {
        List<Integer> order = new ArrayList<>(IntStream.range(0, 12).boxed().toList());
        Map<String, Double> whole = values(List.of(order));
        Collections.shuffle(order, new Random(3));
        assertClose(values(List.of(order)), whole);
    }

    @Test
    default void values_can_be_read_between_batches() {
        PreferenceMetric.Accumulator read = metric().accumulator(objective());
        PreferenceMetric.Accumulator unread = metric().accumulator(objective());
        for (int i = 0; i < 12; i++) {
            read.add(batch(List.of(i)));
            unread.add(batch(List.of(i)));
            read.values();
        }
        assertThat(read.values()).isEqualTo(unread.values());
    }

    @Test
    default void a_nan_log_prob_does_not_give_a_finite_value_over_all_preferences() {
        PreferenceMetric.Accumulator accumulator = metric().accumulator(objective());
        accumulator.add(batch(List.of(0, 1)));
        double[] nan = {Double.NaN, Double.NaN};
        accumulator.add(new PreferenceLogProbs(
                TokenLogProbs.ofRows(nan, nan),
                TokenLogProbs.ofRows(nan, nan),
                Labels.of(List.of(Label.ordered(2))),
                Map.of(),
                List.of()));
        assertThat(accumulator.values().values()).anyMatch(value -> value.isNaN());
    }

    private Map<String, Double> values(List<List<Integer>> batches) {
        PreferenceMetric.Accumulator accumulator = metric().accumulator(objective());
        batches.forEach(indices -> accumulator.add(batch(indices)));
        return accumulator.values();
    }

    private static void assertClose(Map<String, Double> got, Map<String, Double> expected) {
        assertThat(got.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, value) -> assertThat(got.get(name)).as(name).isCloseTo(value, within(1e-9)));
    }

    /** Pairs with the same random log-probabilities at each call. */
    private static PreferenceLogProbs batch(List<Integer> indices) {
        List<double[]> policy = new ArrayList<>();
        List<double[]> reference = new ArrayList<>();
        for (int index : indices) {
            Random random = new Random(index);
            for (int side = 0; side < 2; side++) {
                int tokens = 1 + random.nextInt(4);
                policy.add(random.doubles(tokens, -3, 0).toArray());
                reference.add(random.doubles(tokens, -3, 0).toArray());
            }
        }
        return new PreferenceLogProbs(
                TokenLogProbs.ofRows(policy.toArray(double[][]::new)),
                TokenLogProbs.ofRows(reference.toArray(double[][]::new)),
                Labels.of(Collections.nCopies(indices.size(), Label.ordered(2))),
                Map.of(),
                List.of());
    }
}
