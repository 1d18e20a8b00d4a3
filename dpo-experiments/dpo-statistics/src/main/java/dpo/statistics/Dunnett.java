package dpo.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Many settings against one baseline (Dunnett 1955): p-values and intervals that hold for all settings together.
 *
 * @param differences to the baseline, one per setting; intervals and p-values hold simultaneously
 * @param df degrees of freedom of the variance
 */
public record Dunnett(List<Difference> differences, double df) {

    public Dunnett {
        differences = List.copyOf(differences);
    }

    /**
     * Of independent samples with equal variances, which are pooled over all groups.
     *
     * @throws IllegalArgumentException if no group has two values
     */
    public static Dunnett independent(double[] baseline, double[][] settings) {
        double squares = Sample.squares(baseline)
                + Arrays.stream(settings).mapToDouble(Sample::squares).sum();
        int df = baseline.length
                - 1
                + Arrays.stream(settings).mapToInt(group -> group.length - 1).sum();
        return of(baseline, settings, squares, df);
    }

    /**
     * Of settings that share their seeds: the effect of each seed is removed from all settings, as in a design of
     * randomised blocks; the variance is that of the rest, with K·(n − 1) degrees of freedom for K settings.
     *
     * @param baseline values by seed
     * @param settings {@code [setting][seed]}, the same seeds in the same order
     * @throws IllegalArgumentException if there are fewer than two seeds, or rows of different lengths
     */
    public static Dunnett paired(double[] baseline, double[][] settings) {
        double[][] groups = new double[settings.length + 1][];
        groups[0] = baseline;
        System.arraycopy(settings, 0, groups, 1, settings.length);
        Arrays.stream(settings).forEach(setting -> Sample.requireEqualLengths(baseline, setting));
        double[] ofSeeds = IntStream.range(0, baseline.length)
                .mapToDouble(seed -> Sample.mean(
                        Arrays.stream(groups).mapToDouble(group -> group[seed]).toArray()))
                .toArray();
        double squares = Arrays.stream(groups)
                .mapToDouble(group -> Sample.squares(Sample.differences(group, ofSeeds)))
                .sum();
        return of(baseline, settings, squares, settings.length * (baseline.length - 1));
    }

    private static Dunnett of(double[] baseline, double[][] settings, double squares, int df) {
        if (df < 1) {
            throw new IllegalArgumentException("settings must have at least two values, got fewer (Dunnett)");
        }
        double variance = squares / df;
        double[] correlations = Arrays.stream(settings)
                .mapToDouble(group -> Math.sqrt((double) group.length / (group.length + baseline.length)))
                .toArray();
        LargestOfSeveralT largest = new LargestOfSeveralT(correlations, df);
        double critical = largest.critical(1 - StudentT.COVERAGE);
        return new Dunnett(
                Arrays.stream(settings)
                        .map(group -> difference(group, baseline, variance, df, critical, largest))
                        .toList(),
                df);
    }

    private static Difference difference(
            double[] group, double[] baseline, double variance, int df, double critical, LargestOfSeveralT largest) {
        double difference = Sample.mean(group) - Sample.mean(baseline);
        double standardError = Math.sqrt(variance * (1.0 / group.length + 1.0 / baseline.length));
        int n = Math.min(group.length, baseline.length);
        if (!Double.isFinite(difference) || !Double.isFinite(standardError) || standardError == 0) {
            return Difference.of(difference, standardError, df, n);
        }
        return new Difference(
                Interval.symmetric(difference, critical * standardError, n),
                standardError,
                df,
                largest.exceedance(Math.abs(difference / standardError)));
    }
}
