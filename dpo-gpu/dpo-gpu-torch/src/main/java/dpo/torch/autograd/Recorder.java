package dpo.torch.autograd;

import dpo.torch.tensor.Precision;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Evaluates the computations of a forward pass whose gradients are written out. A {@link Tape} also records them for
 * the backward pass.
 */
public interface Recorder {

    /**
     * Evaluates a linear layer.
     *
     * @param source {@code [rows, in]}, in any dtype
     * @return {@code [rows, out]}, in the dtype of matmuls
     */
    Tensor apply(LinearFunction function, Tensor source);

    /** Evaluates an operation. */
    Tensor apply(Operation operation, List<Tensor> sources);

    /**
     * Marks a tensor that several branches use, such as the residual stream. The tape differentiates each part of the
     * graph once, so a part must end where its result is used more than once.
     *
     * @return the tensor for the branches to use
     */
    Tensor fork(Tensor source);

    /** Evaluation without a backward pass. */
    static Recorder withoutGradient(Precision precision) {
        return new WithoutGradient(precision);
    }
}
