package dpo.torch.nn;

import dpo.core.setting.Requirement;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Soft capping, {@code c · tanh(x / c)}, which keeps scores or logits inside {@code (−c, c)} (arXiv:2408.00118, section
 * 2).
 *
 * @param limit c
 */
public record SoftCap(double limit) {

    public SoftCap {
        Requirement.positive("soft cap", limit);
    }

    /** Caps numbers in place, outside any graph. */
    public Tensor applyTo(Tensor numbers) {
        return numbers.div_(new Scalar(limit)).tanh_().mul_(new Scalar(limit));
    }

    /** The derivative {@code 1 − (y/c)²} at capped numbers y. */
    public Tensor slope(Tensor capped) {
        Tensor ratio = capped.div(new Scalar(limit));
        return ratio.mul_(ratio).neg_().add_(new Scalar(1.0));
    }
}
