package dpo.statistics;

/** What a sweep can find out, before it runs. */
public final class DetectableDifference {

    private static final double POWER = 0.8;

    private DetectableDifference() {}

    /**
     * The smallest true difference between two settings that a paired test at 5 % finds with probability of about 80
     * %: (t(0.975, n − 1) + t(0.8, n − 1))·s_d/√n. NaN for n &lt; 2.
     *
     * @param sdOfDifferences standard deviation s_d of the differences per seed, from a pilot
     * @param n number of seeds of the sweep
     */
    public static double paired(double sdOfDifferences, int n) {
        if (n < 2) {
            return Double.NaN;
        }
        double quantiles = StudentT.quantile((1 + StudentT.COVERAGE) / 2, n - 1) + StudentT.quantile(POWER, n - 1);
        return quantiles * sdOfDifferences / Math.sqrt(n);
    }
}
