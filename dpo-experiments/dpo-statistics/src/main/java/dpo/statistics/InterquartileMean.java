package dpo.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The mean of the middle half of all runs of several tasks, robust against tasks of extreme scores (Agarwal et al. 2021,
 * arXiv:2108.13264). A quarter of the values, rounded down, is cut off at either end.
 */
public final class InterquartileMean {

    private InterquartileMean() {}

    /** The interquartile mean of all values. */
    public static double of(double[][] values) {
        double[] sorted =
                Stream.of(values).flatMapToDouble(Arrays::stream).sorted().toArray();
        int cut = sorted.length / 4;
        return Sample.mean(Arrays.copyOfRange(sorted, cut, sorted.length - cut));
    }

    /**
     * With the 95 % percentile interval of a stratified bootstrap: each resample draws the seeds of each task anew, and
     * keeps the tasks. It covers too seldom for few seeds in all; n is their number.
     *
     * @param values {@code [task][seed]}
     * @param seed of the resamples
     */
    public static Interval bootstrap(double[][] values, int resamples, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] estimates = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            double[][] drawn = Arrays.stream(values)
                    .map(task -> random.ints(task.length, 0, task.length)
                            .mapToDouble(index -> task[index])
                            .toArray())
                    .toArray(double[][]::new);
            estimates[i] = of(drawn);
        }
        Arrays.sort(estimates);
        double tail = (1 - StudentT.COVERAGE) / 2;
        int n = Arrays.stream(values).mapToInt(task -> task.length).sum();
        return new Interval(of(values), percentile(estimates, tail), percentile(estimates, 1 - tail), n);
    }

    /** By linear interpolation between order statistics. */
    private static double percentile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
