package dpo.core.theory;

import dpo.core.setting.Requirement;

/**
 * What the mean sigmoid loss L of any policy on any pairs says about its implicit reward margins βΔ. The bounds follow
 * from the convexity of {@code −log σ} (Jensen) and from its value log 2 at 0; they hold for losses without label
 * smoothing and with equal weights.
 *
 * <pre>  E[βΔ] ≥ −log(e^L − 1),     P(Δ ≤ 0) ≤ L / log 2</pre>
 */
public final class SigmoidLossBounds {

    private SigmoidLossBounds() {}

    /**
     * The least mean margin {@code −log(e^L − 1)}, nats: the margin at which the loss is L.
     *
     * @param loss L &gt; 0, mean over pairs, nats
     */
    public static double meanMargin(double loss) {
        Requirement.notNegative("loss", loss);
        // −log(e^L (1 − e^−L)), since e^L overflows for large losses.
        return -loss - Math.log(-Math.expm1(-loss));
    }

    /**
     * The largest share of pairs whose margin is not positive, {@code min(1, L / log 2)}.
     *
     * @param loss L ≥ 0, mean over pairs, nats
     */
    public static double wrongShare(double loss) {
        Requirement.notNegative("loss", loss);
        return Math.min(1, loss / Math.log(2));
    }
}
