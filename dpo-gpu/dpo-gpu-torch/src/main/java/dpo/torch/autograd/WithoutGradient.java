package dpo.torch.autograd;

import dpo.torch.tensor.Precision;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Evaluates without recording anything.
 *
 * @param precision dtype of matmuls
 */
record WithoutGradient(Precision precision) implements Recorder {

    @Override
    public Tensor apply(LinearFunction function, Tensor source) {
        return function.forward(precision.of(source));
    }

    @Override
    public Tensor apply(Operation operation, List<Tensor> sources) {
        return operation.forward(sources, false);
    }

    @Override
    public Tensor fork(Tensor source) {
        return source;
    }
}
