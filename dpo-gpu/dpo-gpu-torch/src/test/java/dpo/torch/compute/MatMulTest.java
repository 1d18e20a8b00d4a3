package dpo.torch.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.tensor.Precision;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Kernels of bfloat16 matmuls. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class MatMulTest {

    /** Half a unit in the last of 8 bits. */
    private static final double UNIT = 1.0 / 256;

    /** A sum in another order may be rounded to the other neighbor, which differs by 1/128. */
    @Test
    void each_kernel_gives_exact_sums_rounded_once() {
        ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), 2, Precision.BFLOAT16);
        try (PointerScope scope = new PointerScope()) {
            SplittableRandom random = new SplittableRandom(3);
            Tensor input = bfloat16(random, 37, 192);
            Tensor weight = bfloat16(random, 50, 192);
            Tensor bias = bfloat16(random, 50, 1).view(50);
            double[] exact = Tensors.toDoubles(input.to(ScalarType.Double)
                    .mm(weight.to(ScalarType.Double).t())
                    .add(bias.to(ScalarType.Double)));
            for (MatMul kernel : List.of(device.matMul(), new MatMul.EmulatedBfloat16(new MatMul.OneDnn()))) {
                Tensor computed = kernel.linear(input, weight, Optional.of(bias));
                assertThat(computed.element_size()).isEqualTo(2);
                double[] numbers = Tensors.toDoubles(computed);
                for (int i = 0; i < exact.length; i++) {
                    assertThat(numbers[i]).isCloseTo(exact[i], within(1.01 * UNIT * Math.abs(exact[i]) + 1e-4));
                }
            }
        }
    }

    private static Tensor bfloat16(SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.create(values, rows, columns).to(ScalarType.BFloat16);
    }
}
