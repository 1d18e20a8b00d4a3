package dpo.torch.nn;

import dpo.torch.autograd.LinearFunction;
import org.bytedeco.pytorch.Tensor;

/** The parameters of a model. */
public interface Weights {

    /**
     * A parameter that is not used in a matmul, such as the weight of a norm or a table of positions; float32.
     *
     * @throws IllegalArgumentException if the model has no parameter of this name
     */
    Tensor parameter(String name);

    /** {@code x Wᵀ + b} with the parameters of a projection, plus the update of its adapter if there is one. */
    LinearFunction linear(Projection projection);
}
