package dpo.core.numeric;

/** Logarithms of sums and sigmoids, natural logs, exact to rounding over the whole range of doubles. */
public final class LogSpace {

    /**
     * Beyond this exponent the exponential is replaced by its tangent. It is far above practical values and far below
     * overflow.
     */
    private static final double TANGENT_FROM = 80;

    /** The logarithm of the probability 1 − e^-80. */
    private static final double NEAREST_TO_ONE = -Math.exp(-TANGENT_FROM);

    private LogSpace() {}

    /**
     * {@code e^x − 1} for x ≤ 80 and its tangent {@code e^80 (x − 79) − 1} beyond: finite and increasing for every
     * finite x.
     */
    public static double expm1UpToTangent(double x) {
        // Beyond e^80 the 1 is far below rounding.
        return x <= TANGENT_FROM ? Math.expm1(x) : expThenTangent(x);
    }

    /** {@code e^x} for x ≤ 80 and its tangent {@code e^80 (x − 79)} beyond; exact to rounding for x → -∞ too. */
    public static double expThenTangent(double x) {
        return x <= TANGENT_FROM ? Math.exp(x) : Math.exp(TANGENT_FROM) * (x - TANGENT_FROM + 1);
    }

    /** The derivative of {@link #expm1UpToTangent} and {@link #expThenTangent}: {@code e^x}, and no more than e^80. */
    public static double expUpToTangent(double x) {
        return Math.exp(Math.min(x, TANGENT_FROM));
    }

    /** {@code σ(x) = 1 / (1 + e^-x)}; 0 at -∞, 1 at +∞, NaN at NaN. */
    public static double sigmoid(double x) {
        if (x >= 0) {
            return 1 / (1 + Math.exp(-x));
        }
        double e = Math.exp(x);
        return e / (1 + e);
    }

    /** {@code log σ(x) = -log(1 + e^-x)}; tends to x at -∞ and to 0 at +∞, NaN at NaN. */
    public static double logSigmoid(double x) {
        // min(x, 0) removes the part that would overflow; log1p is exact for the small remainder.
        return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
    }

    /**
     * The logit {@code log(p / (1 − p))} of a probability given by its logarithm {@code log p ≤ 0}; tends to log p at
     * -∞. The distance of p to 1 is limited to e^-80 from below, so that the logit of p = 1 is 80.
     */
    public static double logitOfExp(double logP) {
        return Math.min(logP, NEAREST_TO_ONE) - logOfComplement(logP);
    }

    /** The derivative of {@link #logitOfExp} by its argument, {@code 1 / (1 − p)}: at most e^80. */
    public static double logitOfExpSlope(double logP) {
        return -1 / Math.expm1(Math.min(logP, NEAREST_TO_ONE));
    }

    /**
     * {@code log(1 − p)} of a probability given by its logarithm {@code log p ≤ 0}. The distance of p to 1 is limited to
     * e^-80 from below, so that the value at p = 1 is −80.
     */
    public static double logOfComplement(double logP) {
        double x = Math.min(logP, NEAREST_TO_ONE);
        // For p > 1/2 the small number is 1 − p, otherwise p; each form is exact for the small one.
        return x > -Math.log(2) ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    }

    /** The derivative of {@link #logOfComplement} by its argument, {@code −p / (1 − p)}: at least −e^80. */
    public static double logOfComplementSlope(double logP) {
        return -1 / Math.expm1(-Math.min(logP, NEAREST_TO_ONE));
    }

    /** {@code KL(Bernoulli(σ(x)) ‖ Bernoulli(σ(y)))} of two probabilities given by their logits. */
    public static double bernoulliKl(double x, double y) {
        return sigmoid(x) * (logSigmoid(x) - logSigmoid(y)) + sigmoid(-x) * (logSigmoid(-x) - logSigmoid(-y));
    }

    /** {@code log Σ_i e^(x_i)}; -∞ for no values, NaN if one is NaN. */
    public static double logSumExp(double... x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }
}
