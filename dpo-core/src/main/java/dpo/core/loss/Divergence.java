package dpo.core.loss;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * An f-divergence D_f(πθ ‖ π_ref), defined by its score of a completion, which replaces the log-ratio s:
 *
 * <pre>  c = f′(e^s)</pre>
 *
 * Wang et al. 2023 (f-DPO, arXiv:2309.16240, table 1): under the constraint {@code D_f} a reward is {@code β
 * f′(πθ/π_ref)} up to a constant of the prompt, which cancels only in margins. The exponentials in scores of the
 * forward KL and of α &gt; 1 (or in their slopes, for α &lt; 1) could overflow, as they do in other systems. Beyond an
 * exponent of 80 the exponential is therefore replaced by its tangent: value and gradient stay finite, and the gradient
 * keeps its sign.
 */
public sealed interface Divergence {

    /** The score c of a log-ratio s. */
    double score(double logRatio);

    /** dc/ds. */
    double slope(double logRatio);

    /** KL(πθ ‖ π_ref), f = u log u: {@code c = s}, plain DPO. */
    record ReverseKl() implements Divergence {

        @Override
        public double score(double logRatio) {
            return logRatio;
        }

        @Override
        public double slope(double logRatio) {
            return 1;
        }
    }

    /** KL(π_ref ‖ πθ), f = −log u: {@code c = 1 − e^(−s)}. */
    record ForwardKl() implements Divergence {

        @Override
        public double score(double logRatio) {
            return -LogSpace.expm1UpToTangent(-logRatio);
        }

        @Override
        public double slope(double logRatio) {
            return LogSpace.expUpToTangent(-logRatio);
        }
    }

    /** Jensen–Shannon, f = u log u − (u+1) log((u+1)/2): {@code c = log 2 + log σ(s)}. */
    record JensenShannon() implements Divergence {

        @Override
        public double score(double logRatio) {
            return Math.log(2) + logSigmoid(logRatio);
        }

        @Override
        public double slope(double logRatio) {
            return sigmoid(-logRatio);
        }
    }

    /**
     * The α-divergence: {@code c = (1 − e^(−αs)) / α}; the reverse KL in the limit α → 0, the forward KL at α = 1.
     *
     * <p>Differences from other code: TRL's {@code f_alpha_divergence_coef} is 1 − α.
     *
     * @param alpha α, finite; the paper considers (0, 1)
     */
    record Alpha(
            @Setting(about = "α, finite: 0 is the reverse KL, 1 the forward KL")
            double alpha) implements Divergence {

        public Alpha {
            Requirement.holds(Double.isFinite(alpha), "alpha", "must be finite", alpha);
        }

        @Override
        public double score(double logRatio) {
            return alpha == 0 ? logRatio : -LogSpace.expm1UpToTangent(-alpha * logRatio) / alpha;
        }

        @Override
        public double slope(double logRatio) {
            return LogSpace.expUpToTangent(-alpha * logRatio);
        }
    }
}
