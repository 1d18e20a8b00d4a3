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
record LowRank(Matrix down, Matrix up, double scale) {

    /** Adds {@code s (x Aᵀ) Bᵀ} of x {@code [rows, in]} to a sum {@code [rows, out]}. */
    void addTo(Tensor sum, Product product, Tensor input) {
        product.addLinear(sum, product.linear(input, down.outByIn()), up.outByIn(), scale);
    }

    /** Adds the gradients of A and B; gives that of {@code x Aᵀ}, {@code [rows, rank]}. */
    Tensor backward(Product product, Tensor input, Tensor gradient) {
        Scalar factor = new Scalar(scale);
        up.accumulate(product, product.linear(input, down.outByIn()).mul_(factor), gradient);
        Tensor ofInner = product.linear(gradient, up.inByOut()).mul_(factor);
        down.accumulate(product, input, ofInner);
        return ofInner;
    }

    /** {@code B A s}, which added to the matrix of the projection makes the adapter needless; {@code [out, in]}. */
    Tensor merged() {
        return up.parameter().detach().mm(down.parameter().detach()).mul_(new Scalar(scale));
    }
}
