package dpo.torch.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Tensors that outlive the pointer scope in which they were made; closing releases them, and may be repeated. */
public final class RetainedTensors implements AutoCloseable {

    private final List<Tensor> tensors = new ArrayList<>();

    /** Retains a tensor and returns it. */
    public Tensor add(Tensor tensor) {
        tensor.retainReference();
        tensors.add(tensor);
        return tensor;
    }

    /** The tensor that was added at this place, counted from 0. */
    public Tensor get(int index) {
        return tensors.get(index);
    }

    /** Whether it holds none. */
    public boolean isEmpty() {
        return tensors.isEmpty();
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::releaseReference);
        tensors.clear();
    }
}
