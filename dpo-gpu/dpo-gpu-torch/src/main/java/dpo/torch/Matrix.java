package dpo.torch;

import org.bytedeco.pytorch.Tensor;

/**
 * A matrix of a model or of an adapter, as products take it.
 *
 * @param parameter as it is stored; float32 where it is trained
 * @param value the same in the format of products, outside of any graph: the same memory, or a rounded copy
 * @param transposed whether it is stored as {@code [in, out]} and not as {@code [out, in]}
 */
record Matrix(Tensor parameter, Tensor value, boolean transposed) {

    /** A parameter that is stored as {@code [out, in]}. */
    static Matrix of(Tensor parameter, Precision precision) {
        return of(parameter, precision, false);
    }

    /** A parameter with its value in a format. */
    static Matrix of(Tensor parameter, Precision precision, boolean transposed) {
        return new Matrix(parameter, precision.of(parameter.detach()), transposed);
    }

    /** W, {@code [out, in]}. */
    Tensor outByIn() {
        return transposed ? value.t() : value;
    }

    /** Wᵀ, {@code [in, out]}. */
    Tensor inByOut() {
        return transposed ? value : value.t();
    }

    /** Takes over the parameter as it stands, where the value is a copy. */
    void round() {
        if (value.scalar_type().value != parameter.scalar_type().value) {
            value.copy_(parameter);
        }
    }

    /** Adds {@code gᵀ x} to the parameter's gradient. */
    void accumulate(Product product, Tensor input, Tensor gradient) {
        if (parameter.requires_grad()) {
            Gradients.add(parameter, transposed ? product.overRows(input, gradient) : product.overRows(gradient, input));
        }
    }
}
