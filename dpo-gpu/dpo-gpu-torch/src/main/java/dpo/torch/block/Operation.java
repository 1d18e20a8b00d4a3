package dpo.torch.block;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A computation outside of libtorch's graph, whose gradient is written out. Each object is for one evaluation; see
 * {@link Weights#apply}.
 */
public interface Operation extends AutoCloseable {

    /**
     * The result, in the current scope.
     *
     * @param inputs outside of any graph
     * @param forGradient whether {@link #backward} will be called, once; what it needs beside the inputs is kept until
     *     {@link #close}
     */
    Tensor forward(List<Tensor> inputs, boolean forGradient);

    /**
     * The gradients of the inputs, in their order and of their shapes, in the current scope.
     *
     * @param inputs as they were given
     * @param gradient of the result
     */
    List<Tensor> backward(List<Tensor> inputs, Tensor gradient);

    /** Lets go what was kept; may be called more than once. */
    @Override
    void close();
}
