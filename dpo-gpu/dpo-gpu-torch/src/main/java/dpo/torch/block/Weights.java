package dpo.torch.block;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** The parameters of a model where they lie, and how products with them are computed there. */
public interface Weights {

    /**
     * The parameter of a name.
     *
     * @throws IllegalArgumentException where there is none
     */
    Tensor get(String name);

    /**
     * {@code y = x Wᵀ + b}, in libtorch's graph.
     *
     * @param input x, {@code [rows, in]}
     * @param weight W, {@code [out, in]}
     * @param bias b, {@code [out]}
     * @return {@code [rows, out]}
     */
    Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias);

    /** The tensor on the device of the parameters; itself where it is there already. */
    Tensor place(Tensor tensor);
}
