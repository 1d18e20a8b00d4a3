package dpo.torch.block;

import dpo.core.setting.Requirement;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code c · tanh(x / c)}, which keeps scores or logits inside {@code (−c, c)} (arXiv:2408.00118, section 2).
 *
 * @param limit c
 */
public record SoftCap(double limit) {

    public SoftCap {
        Requirement.positive("soft cap", limit);
    }

    /** The capped numbers, new tensors: neither the input nor the result is needed for the gradient. */
    public Tensor apply(Tensor input) {
        return input.div(new Scalar(limit)).tanh().mul(new Scalar(limit));
    }

    /** The derivative {@code 1 − (y/c)²} at capped numbers y. */
    public Tensor slope(Tensor capped) {
        Tensor ratio = capped.div(new Scalar(limit));
        return ratio.mul(ratio).neg_().add_(new Scalar(1.0));
    }
}
