package dpo.torch.linear;

import dpo.torch.compute.MatMul;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The low-rank update of a linear layer, {@code s (x Aᵀ) Bᵀ} (LoRA, arXiv:2106.09685, section 4.1). A and B are trained
 * in float32 and multiplied in the dtype of matmuls.
 *
 * @param down A, {@code [rank, in]}
 * @param up B, {@code [out, rank]}
 * @param scale s
 */
public record LowRank(WeightMatrix down, WeightMatrix up, double scale) {

    /** Adds {@code s (x Aᵀ) Bᵀ} for x {@code [rows, in]} to a sum {@code [rows, out]}. */
    void addTo(Tensor sum, MatMul matMul, Tensor input) {
        matMul.addLinear(sum, matMul.linear(input, down.outByIn()), up.outByIn(), scale);
    }

    /** Adds the gradients of A and B, and returns that of {@code x Aᵀ}, {@code [rows, rank]}. */
    Tensor backward(MatMul matMul, Tensor input, Tensor gradient) {
        Scalar factor = new Scalar(scale);
        up.addGradient(matMul, matMul.linear(input, down.outByIn()).mul_(factor), gradient);
        Tensor ofInner = matMul.linear(gradient, up.inByOut()).mul_(factor);
        down.addGradient(matMul, input, ofInner);
        return ofInner;
    }

    /** {@code s B A}, {@code [out, in]}: the update of W itself that has the same effect. */
    public Tensor merged() {
        return up.parameter().detach().mm(down.parameter().detach()).mul_(new Scalar(scale));
    }
}
