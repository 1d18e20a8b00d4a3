package dpo.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What an adapter adds to a projection: {@code s (x Aᵀ) Bᵀ} (LoRA, arXiv:2106.09685, section 4.1). A and B are trained
 * in float32 and take part in products in the format of the projection.
 *
 * @param down A, {@code [rank, in]}
 * @param up B, {@code [out, rank]}
 * @param scale s
 */
record LowRank(Tensor down, Tensor up, double scale) {

    /** {@code s (x Aᵀ) Bᵀ} of x {@code [rows, in]}, {@code [rows, out]}. */
    Tensor forward(Product product, Tensor input) {
        return product.linear(inner(product, input), like(input, up));
    }

    /** Adds the gradients of A and B; gives that of x. */
    Tensor backward(Product product, Tensor input, Tensor gradient) {
        Gradients.add(up, product.linear(gradient.t(), inner(product, input).t()));
        Tensor ofInner = product.linear(gradient, like(input, up).t()).mul_(new Scalar(scale));
        Gradients.add(down, product.linear(ofInner.t(), input.t()));
        return product.linear(ofInner, like(input, down).t());
    }

    /** {@code B A s}, which added to the matrix of the projection makes the adapter needless; {@code [out, in]}. */
    Tensor merged() {
        return up.detach().mm(down.detach()).mul_(new Scalar(scale));
    }

    private Tensor inner(Product product, Tensor input) {
        return product.linear(input, like(input, down)).mul_(new Scalar(scale));
    }

    private static Tensor like(Tensor input, Tensor parameter) {
        return parameter.detach().to(input.scalar_type());
    }
}
