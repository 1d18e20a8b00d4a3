package dpo.torch.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Conversion between dtypes. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class PrecisionTest {

    @Test
    void tensors_that_have_the_dtype_already_are_not_copied() {
        try (PointerScope scope = new PointerScope()) {
            Tensor numbers = Tensor.create(new float[] {1, 2, 3, 4}, 2, 2).to(ScalarType.BFloat16);
            assertThat(Precision.BFLOAT16.of(numbers)).isSameAs(numbers);
            Tensor wide = Precision.FLOAT32.of(numbers);
            assertThat(wide.element_size()).isEqualTo(4);
            assertThat(Precision.FLOAT32.of(wide)).isSameAs(wide);
        }
    }
}
