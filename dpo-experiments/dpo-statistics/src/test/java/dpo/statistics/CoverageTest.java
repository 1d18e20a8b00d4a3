package dpo.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulated sweeps with known effects: intervals cover, and false findings are as rare as promised. */
class CoverageTest {

    private static final int SWEEPS = 2_000;

    private static final int NULL_SETTINGS = 20;

    /** Three standard errors of a share of 5 % over the simulated sweeps. */
    private static final double NOISE = 3 * Math.sqrt(0.05 * 0.95 / SWEEPS);

    private final SplittableRandom random = new SplittableRandom(20261130);

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void intervals_cover_the_mean_of_normal_values(int seeds) {
        requireCoverage(sweep -> IntervalKind.CI95.of(normal(seeds, 0.7, 2)).contains(0.7));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void intervals_on_the_log_scale_cover_the_geometric_mean_of_skewed_values(int seeds) {
        requireCoverage(sweep -> IntervalKind.CI95
                .onLogScale(Arrays.stream(normal(seeds, 0.7, 1)).map(Math::exp).toArray())
                .contains(Math.exp(0.7)));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void paired_differences_of_skewed_values_cover_because_the_skew_cancels(int seeds) {
        requireCoverage(sweep -> {
            double[] common = gamma(seeds, 3);
            double[] a = sum(sum(common, gamma(seeds, 3)), constant(seeds, 0.3));
            double[] b = sum(common, gamma(seeds, 3));
            return Difference.paired(a, b).interval().contains(0.3);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void intervals_cover_the_mean_of_moderately_skewed_values_nearly(int seeds) {
        double covered = share(sweep -> IntervalKind.CI95.of(gamma(seeds, 3)).contains(3));
        assertThat(covered).isBetween(0.91, 0.95);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void intervals_of_strongly_skewed_values_cover_too_seldom(int seeds) {
        double covered = share(sweep -> IntervalKind.CI95.of(gamma(seeds, 1)).contains(1));
        assertThat(covered).isBetween(0.85, 0.92);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void a_deviation_to_either_side_covers_less_than_an_interval(int seeds) {
        double covered = share(sweep -> IntervalKind.SD.of(normal(seeds, 0, 1)).contains(0));
        double standardErrors =
                share(sweep -> IntervalKind.SEM.of(normal(seeds, 0, 1)).contains(0));
        assertThat(standardErrors).isLessThan(0.7);
        if (seeds == 3) {
            assertThat(covered).isBetween(0.74, 0.80);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void common_seeds_make_differences_narrower_and_both_cover(int seeds) {
        double[] narrower = new double[SWEEPS];
        double paired = share(sweep -> {
            double[] common = normal(seeds, 0, 1);
            double[] a = sum(common, normal(seeds, 0.5, 0.3));
            double[] b = sum(common, normal(seeds, 0, 0.3));
            Interval withSeeds = Difference.paired(a, b).interval();
            narrower[sweep] = width(withSeeds) / width(Difference.welch(a, b).interval());
            return withSeeds.contains(0.5);
        });
        assertThat(paired).isBetween(0.93, 0.97);
        Arrays.sort(narrower);
        assertThat(narrower[SWEEPS / 2]).isLessThan(0.75);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void holm_finds_a_false_difference_in_at_most_one_sweep_of_twenty(int seeds) {
        double falseFindings = share(sweep -> {
            double[] baseline = normal(seeds, 0, 1);
            double[] p = IntStream.range(0, NULL_SETTINGS)
                    .mapToDouble(setting ->
                            Difference.paired(normal(seeds, 0, 1), baseline).p())
                    .toArray();
            return Arrays.stream(Correction.HOLM.adjust(p)).anyMatch(value -> value < 0.05);
        });
        assertThat(falseFindings).isLessThan(0.05 + NOISE);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void dunnett_finds_a_false_difference_in_one_sweep_of_twenty(int seeds) {
        double[] baseline = normal(seeds, 0, 1);
        double[][] any = settings(seeds, constant(seeds, 0));
        Dunnett dunnett = Dunnett.paired(baseline, any);
        assertThat(dunnett.differences().stream()
                        .mapToDouble(CoverageTest::t)
                        .max()
                        .orElseThrow())
                .isCloseTo(largestT(baseline, any), within(1e-12));
        // It depends on the numbers of settings and seeds alone, so that it is computed once.
        double critical = criticalValue(dunnett);
        double falseFindings = share(sweep -> {
            double[] common = normal(seeds, 0, 3);
            double[][] settings = settings(seeds, common);
            return largestT(sum(common, normal(seeds, 0, 1)), settings) >= critical;
        });
        assertThat(falseFindings).isBetween(0.05 - NOISE, 0.05 + NOISE);
    }

    @Test
    void without_a_correction_half_of_the_sweeps_have_a_false_difference() {
        double falseFindings = share(sweep -> {
            double[] baseline = normal(5, 0, 1);
            return IntStream.range(0, NULL_SETTINGS)
                    .anyMatch(setting ->
                            Difference.paired(normal(5, 0, 1), baseline).p() < 0.05);
        });
        assertThat(falseFindings).isBetween(0.4, 0.6);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 10})
    void intervals_over_seeds_and_items_cover(int seeds) {
        List<Integer> prompts =
                IntStream.range(0, 60).mapToObj(item -> item / 3).toList();
        double covered = share(sweep -> {
            double[] seedEffects = normal(seeds, 0, 0.3);
            double[] promptEffects = normal(20, 0.2, 1);
            double[][] y = new double[seeds][60];
            for (int s = 0; s < seeds; s++) {
                double[] noise = normal(60, seedEffects[s], 0.5);
                for (int i = 0; i < 60; i++) {
                    y[s][i] = promptEffects[i / 3] + noise[i];
                }
            }
            return SeedsAndItems.mean(y, prompts).interval().contains(0.2);
        });
        assertThat(covered).isBetween(0.93, 0.98);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10, 40})
    void intervals_of_clustered_means_cover_also_for_few_clusters_of_unequal_sizes(int clusters) {
        List<Integer> ofItems = IntStream.range(0, clusters)
                .boxed()
                .flatMap(cluster -> Collections.nCopies(1 + 3 * cluster % 8, cluster).stream())
                .toList();
        double covered = share(sweep -> {
            double[] effects = normal(clusters, 0.2, 1);
            double[] noise = normal(ofItems.size(), 0, 0.5);
            Arrays.setAll(noise, i -> noise[i] + effects[ofItems.get(i)]);
            return Clustered.mean(noise, ofItems).interval().contains(0.2);
        });
        assertThat(covered).isCloseTo(Map.of(5, 0.92, 10, 0.93, 40, 0.95).get(clusters), within(0.01));
    }

    @Test
    void worlds_as_a_random_effect_cover_and_stacked_runs_do_not() {
        int[] stacked = new int[1];
        requireCoverage(sweep -> {
            double[] effects = normal(5, 0.2, 1);
            double[][] y = Arrays.stream(effects)
                    .mapToObj(effect -> normal(4, effect, 0.5))
                    .toArray(double[][]::new);
            double[] runs = Arrays.stream(y).flatMapToDouble(Arrays::stream).toArray();
            stacked[0] += IntervalKind.CI95.of(runs).contains(0.2) ? 1 : 0;
            return RandomEffect.of(y).mean().contains(0.2);
        });
        assertThat(stacked[0]).isLessThan((int) (0.8 * SWEEPS));
    }

    @Test
    void the_detectable_difference_is_found_in_four_sweeps_of_five() {
        for (int seeds : new int[] {3, 5, 10}) {
            double difference = DetectableDifference.paired(1, seeds);
            double found = share(sweep -> Difference.paired(normal(seeds, difference, 1), constant(seeds, 0))
                            .p()
                    < 0.05);
            assertThat(found).as("%d seeds", seeds).isBetween(0.75, 0.88);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 10, 20})
    void the_best_of_many_is_covered_on_other_seeds_and_not_on_those_that_selected_it(int seeds) {
        int[] onAll = new int[1];
        requireCoverage(sweep -> {
            double[][] settings = settings(seeds, constant(seeds, 0));
            double[] first = best(settings, 0, seeds / 2);
            onAll[0] += IntervalKind.CI95.of(best(settings, 0, seeds)).contains(0) ? 1 : 0;
            return IntervalKind.CI95
                    .of(Arrays.copyOfRange(first, seeds / 2, seeds))
                    .contains(0);
        });
        assertThat(onAll[0]).isLessThan((int) (0.8 * SWEEPS));
    }

    /** The setting with the highest mean over some seeds. */
    private static double[] best(double[][] settings, int from, int to) {
        return Arrays.stream(settings)
                .max(Comparator.comparingDouble(values -> Sample.mean(Arrays.copyOfRange(values, from, to))))
                .orElseThrow();
    }

    private void requireCoverage(IntPredicate covers) {
        assertThat(share(covers)).isBetween(0.93, 0.97);
    }

    private static double share(IntPredicate isTrue) {
        return IntStream.range(0, SWEEPS).filter(isTrue).count() / (double) SWEEPS;
    }

    private double[][] settings(int seeds, double[] common) {
        return IntStream.range(0, NULL_SETTINGS)
                .mapToObj(setting -> sum(common, normal(seeds, 0, 1)))
                .toArray(double[][]::new);
    }

    private static double criticalValue(Dunnett dunnett) {
        Difference any = dunnett.differences().get(0);
        return width(any.interval()) / 2 / any.standardError();
    }

    private static double t(Difference difference) {
        return Math.abs(difference.interval().estimate()) / difference.standardError();
    }

    /** max |t| of randomised blocks, by the residuals y − ȳ_setting − ȳ_seed + ȳ. */
    private static double largestT(double[] baseline, double[][] settings) {
        int n = baseline.length;
        double[] ofSeeds = baseline.clone();
        for (double[] setting : settings) {
            Arrays.setAll(ofSeeds, seed -> ofSeeds[seed] + setting[seed]);
        }
        Arrays.setAll(ofSeeds, seed -> ofSeeds[seed] / (settings.length + 1));
        double squares = Sample.squares(Sample.differences(baseline, ofSeeds));
        double largest = 0;
        for (double[] setting : settings) {
            squares += Sample.squares(Sample.differences(setting, ofSeeds));
            largest = Math.max(largest, Math.abs(Sample.mean(setting) - Sample.mean(baseline)));
        }
        return largest / Math.sqrt(squares / (settings.length * (n - 1)) * 2 / n);
    }

    private double[] normal(int n, double mean, double sd) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> mean + sd * random.nextGaussian());
        return values;
    }

    /** Skewed values with mean and variance {@code shape} and skewness 2/√shape. */
    private double[] gamma(int n, int shape) {
        double[] values = new double[n];
        for (int i = 0; i < shape; i++) {
            Arrays.setAll(values, k -> values[k] - Math.log1p(-random.nextDouble()));
        }
        return values;
    }

    private static double[] constant(int n, double value) {
        double[] values = new double[n];
        Arrays.fill(values, value);
        return values;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }

    private static double width(Interval interval) {
        return interval.high() - interval.low();
    }
}
