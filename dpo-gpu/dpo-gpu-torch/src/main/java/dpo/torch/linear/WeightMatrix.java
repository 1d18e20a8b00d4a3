package dpo.torch.linear;

import dpo.torch.autograd.Gradients;
import dpo.torch.compute.MatMul;
import dpo.torch.tensor.Precision;
import org.bytedeco.pytorch.Tensor;

/**
 * A matrix of a model or of an adapter, in the form that matmuls use.
 *
 * @param parameter the stored matrix; float32 if it is trained
 * @param value the matrix in the dtype of matmuls, outside any graph: the same memory, or a rounded copy
 * @param transposed whether it is stored as {@code [in, out]} instead of {@code [out, in]}
 */
public record WeightMatrix(Tensor parameter, Tensor value, boolean transposed) {

    /** A parameter that is stored as {@code [out, in]}. */
    public static WeightMatrix of(Tensor parameter, Precision precision) {
        return of(parameter, precision, false);
    }

    /** A parameter with its value in a dtype. */
    public static WeightMatrix of(Tensor parameter, Precision precision, boolean transposed) {
        return new WeightMatrix(parameter, precision.of(parameter.detach()), transposed);
    }

    /** W, {@code [out, in]}. */
    Tensor outByIn() {
        return transposed ? value.t() : value;
    }

    /** Wᵀ, {@code [in, out]}. */
    Tensor inByOut() {
        return transposed ? value : value.t();
    }

    /** Copies the current parameter into the value, if the value is a rounded copy. */
    public void refresh() {
        if (value.scalar_type().value != parameter.scalar_type().value) {
            value.copy_(parameter);
        }
    }

    /** Adds {@code gᵀ x} to the parameter's gradient, if it is trained. */
    void addGradient(MatMul matMul, Tensor input, Tensor gradient) {
        if (parameter.requires_grad()) {
            Gradients.add(parameter, transposed ? matMul.overRows(input, gradient) : matMul.overRows(gradient, input));
        }
    }
}
