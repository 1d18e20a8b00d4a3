package dpo.torch.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The dtype of matmuls with weights. Trained weights and their gradients, the residual stream, norms, softmax and
 * log-probabilities are float32 in both.
 */
public enum Precision {

    /** IEEE 754 binary32. */
    FLOAT32(ScalarType.Float),

    /** The upper half of binary32, with 8 bits of precision. Sums inside a matmul are float32. */
    BFLOAT16(ScalarType.BFloat16);

    private final ScalarType type;

    Precision(ScalarType type) {
        this.type = type;
    }

    ScalarType type() {
        return type;
    }

    /** The tensor in this dtype, in libtorch's graph; the same object if it has the dtype already. */
    public Tensor of(Tensor tensor) {
        // By value: the bindings make a new object at every call.
        return tensor.scalar_type().value == type.value ? tensor : tensor.to(type);
    }

    /** A bfloat16 tensor in float32, in which its numbers are added; any other one as it is. */
    public static Tensor widened(Tensor tensor) {
        return tensor.scalar_type().value == ScalarType.BFloat16.value ? tensor.to(ScalarType.Float) : tensor;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
