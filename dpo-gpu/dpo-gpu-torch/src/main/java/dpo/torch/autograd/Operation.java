package dpo.torch.autograd;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A computation outside libtorch's graph, with its gradient written out. Each object is used for one evaluation, see
 * {@link Recorder#apply(Operation, List)}.
 */
public interface Operation extends AutoCloseable {

    /**
     * The result, in the current scope.
     *
     * @param inputs outside any graph
     * @param forGradient whether {@link #backward} will be called, once; tensors that it needs besides the inputs are
     *     retained until {@link #close}
     */
    Tensor forward(List<Tensor> inputs, boolean forGradient);

    /**
     * The gradients of the inputs, in their order and with their shapes, in the current scope.
     *
     * @param inputs as in {@link #forward}
     * @param gradient of the result
     */
    List<Tensor> backward(List<Tensor> inputs, Tensor gradient);

    /** Releases the retained tensors; may be repeated. */
    @Override
    void close();
}
