package dpo.statistics;

import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/** Student's t distribution, as intervals and tests use it. */
final class StudentT {

    /** The coverage of all confidence intervals. */
    static final double COVERAGE = 0.95;

    /** Quantiles of intervals by degrees of freedom: a report has many intervals, and most are over a few seeds. */
    private static final double[] OF_INTERVALS = IntStream.range(0, 64)
            .mapToDouble(df -> df == 0 ? Double.NaN : quantile((1 + COVERAGE) / 2, df))
            .toArray();

    private StudentT() {}

    /** t(p, df): the value that a variable of the distribution exceeds with probability 1 − p. */
    static double quantile(double p, double df) {
        return TDistribution.of(df).inverseCumulativeProbability(p);
    }

    /** The half-width of a 95 % interval. */
    static double halfWidth(double standardError, double df) {
        return standardError == 0 ? 0 : ofInterval(df) * standardError;
    }

    private static double ofInterval(double df) {
        boolean isKept = df >= 1 && df < OF_INTERVALS.length && df == (int) df;
        return isKept ? OF_INTERVALS[(int) df] : quantile((1 + COVERAGE) / 2, df);
    }

    /** The two-sided p-value of an estimate under the hypothesis that the true value is zero. */
    static double pValue(double estimate, double standardError, double df) {
        if (standardError == 0) {
            return estimate == 0 ? 1 : 0;
        }
        return Math.min(1, 2 * TDistribution.of(df).survivalProbability(Math.abs(estimate / standardError)));
    }
}
