package dpo.torch;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The number format in which products are computed. Trained weights and their gradients, the residual stream, norms,
 * softmax and log-probabilities are float32 in either.
 */
public enum Precision {

    /** IEEE 754 binary32. */
    FLOAT32(ScalarType.Float),

    /** The upper half of binary32: 8 bits of precision. Sums inside of a product are float32. */
    BFLOAT16(ScalarType.BFloat16);

    private final ScalarType type;

    Precision(ScalarType type) {
        this.type = type;
    }

    ScalarType type() {
        return type;
    }

    /** The numbers in this format, in libtorch's graph; the same tensor where they are in it already. */
    Tensor of(Tensor tensor) {
        // By value, since the bindings make a new object at every call.
        return tensor.scalar_type().value == type.value ? tensor : tensor.to(type);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
