package dpo.report.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.statistics.Clustered;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class MetricDifferenceTest {

    private static final String ACCURACY = "eval/rewards/accuracies";
    private static final List<String> PROMPTS = List.of("a", "b", "c");

    @Test
    void accuracies_of_pairs_with_prompts_of_their_own_are_tested_by_mcnemar() {
        MetricDifference difference = accuracy(new double[] {1, 0.5, 1}, new double[] {1, 1, 0});

        assertThat(difference.test()).isEqualTo("exact McNemar, 1 only in A, 1 only in B");
        assertThat(difference.p()).isEqualTo(Proportions.mcNemar(1, 1));
        assertThat(difference.ofA()).isEqualTo(text(Proportions.wilson(2.5, 3)));
    }

    @Test
    void accuracies_of_pairs_that_share_a_prompt_have_the_interval_and_the_test_clustered_by_prompt() {
        double[] a = {1, 0.5, 1, 0};
        double[] b = {1, 1, 0, 0};
        List<String> prompts = List.of("a", "b", "b", "c");
        MetricDifference difference = MetricDifference.ofPairs(ACCURACY, 0.625, 0.5, a, b, prompts);

        assertThat(difference.test()).isEqualTo("paired t");
        assertThat(difference.p())
                .isEqualTo(Clustered.mean(new double[] {0, 0.5, -1, 0}, prompts).p());
        Interval ofA = Clustered.mean(a, prompts).interval();
        assertThat(ofA.high()).isGreaterThan(1);
        assertThat(difference.ofA()).isEqualTo(text(new Interval(0.625, Math.max(0, ofA.low()), 1, 3)));
    }

    private static String text(Interval interval) {
        return String.format(Locale.ROOT, "[%.3f, %.3f]", interval.low(), interval.high());
    }

    @Test
    void accuracies_of_ranked_lists_are_shares_which_have_no_test_of_mcnemar_and_no_interval_of_wilson() {
        double[] a = {1.0 / 3, 2.0 / 3, 1};
        double[] b = {2.0 / 3, 1, 1};
        MetricDifference difference = accuracy(a, b);

        assertThat(difference.test()).isEqualTo("paired t");
        assertThat(difference.p())
                .isEqualTo(Clustered.mean(new double[] {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, PROMPTS)
                        .p());
        assertThat(difference.ofA()).isEmpty();
    }

    private static MetricDifference accuracy(double[] a, double[] b) {
        return MetricDifference.ofPairs(ACCURACY, 0, 0, a, b, PROMPTS);
    }
}
