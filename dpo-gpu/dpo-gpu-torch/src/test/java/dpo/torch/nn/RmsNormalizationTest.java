package dpo.torch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.autograd.Gradients;
import dpo.torch.autograd.Tape;
import dpo.torch.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RMSNorm and its gradient are those of libtorch's formula. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class RmsNormalizationTest {

    private static final double EPSILON = 1e-3;

    private final Random random = new Random(3);

    @ParameterizedTest
    @CsvSource({"0, true", "1, true", "0, false"})
    void values_and_gradients_are_those_that_autograd_computes(double offset, boolean trained) {
        try (PointerScope scope = new PointerScope()) {
            Tensor input = random(7, 3, 16);
            Tensor gradient = random(7, 3, 16);
            Tensor weight = random(16).set_requires_grad(trained);
            Tensor leaf = input.clone().set_requires_grad(true);
            Tensor expected = torch.rms_norm(
                    leaf,
                    new long[] {16},
                    new TensorOptional(weight.add(new Scalar(offset))),
                    new DoubleOptional(EPSILON));
            Tape.backward(expected, gradient);
            double[] ofWeight = trained ? Tensors.toDoubles(weight.grad()) : new double[0];
            weight.mutable_grad().reset();
            try (NoGradGuard noGrad = new NoGradGuard();
                    RmsNormalization norm = new RmsNormalization(weight, offset, EPSILON)) {
                requireEqual(norm.forward(List.of(input), true), expected.detach());
                requireEqual(norm.backward(List.of(input), gradient).get(0), leaf.grad());
            }
            assertThat(weight.mutable_grad().defined()).isEqualTo(trained);
            if (trained) {
                assertThat(Tensors.toDoubles(Gradients.of(weight))).containsExactly(ofWeight, within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1e-30", "1e18", "0"})
    void small_and_large_vectors_have_finite_values_and_gradients(double scale) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                RmsNormalization norm = new RmsNormalization(random(16), 0, EPSILON)) {
            Tensor input = random(5, 16).mul(new Scalar(scale));
            assertThat(finite(norm.forward(List.of(input), true))).isTrue();
            assertThat(finite(norm.backward(List.of(input), random(5, 16)).get(0)))
                    .isTrue();
        }
    }

    private static boolean finite(Tensor tensor) {
        return Arrays.stream(Tensors.toDoubles(tensor)).allMatch(Double::isFinite);
    }

    private Tensor random(long... shape) {
        int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        return Tensor.create(random.doubles(count, -2, 2).toArray(), shape).to(ScalarType.Float);
    }

    private static void requireEqual(Tensor got, Tensor expected) {
        assertThat(got.sizes().vec().get()).isEqualTo(expected.sizes().vec().get());
        assertThat(Tensors.toDoubles(got)).containsExactly(Tensors.toDoubles(expected), within(1e-5));
    }
}
