package dpo.torch.autograd;

import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer as a function of rows, evaluated outside libtorch's graph, with its gradient written out. Inputs and
 * outputs have the dtype of the device's matmuls.
 */
public interface LinearFunction {

    /** The output {@code [rows, out]} for inputs {@code [rows, in]}. */
    Tensor forward(Tensor input);

    /**
     * Adds the gradients of the layer's parameters to those that libtorch stores with them.
     *
     * @param input as in {@link #forward}
     * @param gradient of the output
     * @return the gradient of the input
     */
    Tensor backward(Tensor input, Tensor gradient);
}
