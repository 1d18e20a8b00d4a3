package dpo.statistics;

/**
 * The difference of the means of two settings, with its test.
 *
 * @param interval the difference with its 95 % confidence interval; n is the number of pairs, or the smaller sample
 * @param standardError of the difference; NaN if there is no interval
 * @param df degrees of freedom; NaN if there is no interval
 * @param p two-sided p-value of the hypothesis that the true difference is zero; NaN if there is no interval
 */
public record Difference(Interval interval, double standardError, double df, double p) {

    /**
     * Of settings that share their seeds: d̄ ± t(0.975, n − 1)·s_d/√n over the differences d_i = a_i − b_i. Shared seeds
     * make it narrower than {@link #welch}, because the noise that both settings share cancels.
     *
     * @param a values by seed
     * @param b values of the same seeds, in the same order
     */
    public static Difference paired(double[] a, double[] b) {
        double[] differences = Sample.differences(a, b);
        double mean = Sample.mean(differences);
        int n = differences.length;
        return n < 2 ? without(mean, n) : of(mean, Math.sqrt(Sample.variance(differences) / n), n - 1, n);
    }

    /** Of settings without common seeds: Welch's test, variances not assumed equal. */
    public static Difference welch(double[] a, double[] b) {
        double mean = Sample.mean(a) - Sample.mean(b);
        int n = Math.min(a.length, b.length);
        if (n < 2) {
            return without(mean, n);
        }
        double ofA = Sample.variance(a) / a.length;
        double ofB = Sample.variance(b) / b.length;
        double square = ofA + ofB;
        double df = square * square / (ofA * ofA / (a.length - 1) + ofB * ofB / (b.length - 1));
        return of(mean, Math.sqrt(square), square == 0 ? a.length + b.length - 2 : df, n);
    }

    /** From an estimate and its standard error. */
    static Difference of(double estimate, double standardError, double df, int n) {
        if (!Double.isFinite(estimate) || !Double.isFinite(standardError)) {
            return without(estimate, n);
        }
        return new Difference(
                Interval.symmetric(estimate, StudentT.halfWidth(standardError, df), n),
                standardError,
                df,
                StudentT.pValue(estimate, standardError, df));
    }

    private static Difference without(double mean, int n) {
        return new Difference(Interval.without(mean, n), Double.NaN, Double.NaN, Double.NaN);
    }
}
