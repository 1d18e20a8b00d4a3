package dpo.torch;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A projection {@code y = x Wᵀ + b}, with a low-rank adapter or without, and its gradients written out, in the format
 * in which a machine computes products. Gradients of parameters are added, in float32, to those that libtorch keeps
 * with them; what is frozen has none.
 *
 * @param name what it is called, which tells its dropout from that of others
 * @param product who computes
 * @param weight W
 * @param bias b
 * @param adapter what is added to y
 */
record Linear(String name, Product product, Matrix weight, Optional<Tensor> bias, Optional<LowRank> adapter) {

    /**
     * A matrix of a model.
     *
     * @param parameter as it is stored; float32 where it is trained
     * @param value the same in the format of products, outside of any graph: the same memory, or a rounded copy
     * @param transposed whether it is stored as {@code [in, out]} and not as {@code [out, in]}
     */
    record Matrix(Tensor parameter, Tensor value, boolean transposed) {

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
                Gradients.add(parameter, transposed
                        ? product.linear(input.t(), gradient.t())
                        : product.linear(gradient.t(), input.t()));
            }
        }
    }

    /**
     * y, outside of any graph.
     *
     * @param input x, {@code [rows, in]}
     * @param dropout of the adapter's input
     * @return {@code [rows, out]}
     */
    Tensor forward(Tensor input, Dropout dropout) {
        Optional<Tensor> added = bias.map(parameter -> parameter.detach().to(input.scalar_type()));
        Tensor output = product.linear(input, weight.outByIn(), added);
        adapter.ifPresent(low -> output.add_(low.forward(product, dropout.apply(name, input))));
        return output;
    }

    /**
     * Adds the gradients of the parameters.
     *
     * @param input x as in {@link #forward}
     * @param gradient of y
     * @param dropout as in {@link #forward}
     * @return the gradient of x
     */
    Tensor backward(Tensor input, Tensor gradient, Dropout dropout) {
        weight.accumulate(product, input, gradient);
        bias.filter(Tensor::requires_grad).ifPresent(parameter -> Gradients.addSumOfRows(parameter, gradient));
        Tensor ofInput = product.linear(gradient, weight.inByOut());
        adapter.ifPresent(low -> ofInput.add_(dropout.apply(
                name, low.backward(product, dropout.apply(name, input), gradient))));
        return ofInput;
    }
}
