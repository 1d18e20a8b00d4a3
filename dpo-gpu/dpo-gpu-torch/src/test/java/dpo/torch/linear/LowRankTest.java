package dpo.torch.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.torch.compute.ComputeDevice;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The low-rank update of a linear layer. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class LowRankTest {

    @Test
    void the_update_of_a_projection_equals_that_computed_by_hand() {
        try (PointerScope scope = new PointerScope()) {
            ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), 1);
            LowRank low = new LowRank(
                    WeightMatrix.of(Tensor.create(new float[] {1, 2, 3, 4, 5, 6}, 2, 3), Precision.FLOAT32),
                    WeightMatrix.of(Tensor.create(new float[] {1, -1}, 1, 2), Precision.FLOAT32),
                    0.5);
            Tensor input = Tensor.create(new float[] {1, 0, 2}, 1, 3);
            // A x = (1 + 6, 4 + 12); B A x = 7 − 16.
            Tensor sum = Tensor.create(new float[] {10}, 1, 1);
            low.addTo(sum, device.matMul(), input);
            assertThat(Tensors.toDoubles(sum)).containsExactly(5.5);
            assertThat(Tensors.toDoubles(low.merged())).containsExactly(-1.5, -1.5, -1.5);
        }
    }
}
