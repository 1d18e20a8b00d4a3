package dpo.core.theory;

import dpo.core.InvalidInputException;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/** The frontier of reward against KL by its divergence: the β whose optimum has a given KL from the reference. */
public final class KlConstraint {

    private static final double LARGEST_LOG_BETA = 40;

    private KlConstraint() {}

    /**
     * The β at which {@code KL(π*_β‖π_ref)} has a value. The KL falls as β grows, so there is at most one; it is found by
     * root finding in log β, to rounding.
     *
     * @param klOfBeta KL of the optimum at β, such as {@code beta -> world.evaluate(world.optimum(beta)).kl()}
     * @param kl the value, nats; 0 gives β = +∞
     * @throws InvalidInputException if it is negative, or no optimum has it: the KL has an upper limit for β → 0
     */
    public static double beta(DoubleUnaryOperator klOfBeta, double kl) {
        if (kl == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double low = 0;
        double high = 0;
        while (low > -LARGEST_LOG_BETA && klOfBeta.applyAsDouble(Math.exp(low)) < kl) {
            low--;
        }
        while (high < LARGEST_LOG_BETA && klOfBeta.applyAsDouble(Math.exp(high)) > kl) {
            high++;
        }
        double largest = klOfBeta.applyAsDouble(Math.exp(low));
        if (!(kl > 0 && kl < largest && klOfBeta.applyAsDouble(Math.exp(high)) <= kl)) {
            throw new InvalidInputException(
                    "kl must be at least 0 and less than that of the optimum at β → 0 (" + largest + "), got " + kl);
        }
        return Math.exp(new BracketingNthOrderBrentSolver(1e-15, 1e-15, 1e-300, 5)
                .solve(500, x -> klOfBeta.applyAsDouble(Math.exp(x)) - kl, low, high));
    }
}
