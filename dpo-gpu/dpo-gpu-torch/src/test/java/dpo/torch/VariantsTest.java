package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ForwardPass;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checkpoints of every family with different shapes against transformers in float64: tied and untied heads, one to four
 * key-value heads, biases, head sizes, scaled and partial rotary embedding, windows shorter than rows, shards, float16
 * and bfloat16, names and keys of old files. With one thread and with two, and on CUDA if the system property
 * {@code dpo.cuda} is true. The rows share prefixes, so they are packed.
 */
class VariantsTest {

    private static final TorchDevice CPU = new TorchDevice("cpu");
    private static final TorchDevice CUDA = new TorchDevice("cuda");

    static List<Arguments> variants() {
        return Variant.all().stream()
                .flatMap(variant -> Stream.of(
                                Stream.of(Arguments.of(variant, CPU, 1), Arguments.of(variant, CPU, 2)),
                                Boolean.getBoolean("dpo.cuda")
                                        ? Stream.of(Arguments.of(variant, CUDA, 1))
                                        : Stream.<Arguments>empty())
                        .flatMap(arguments -> arguments))
                .toList();
    }

    /** Largest difference of a log-prob: matmuls on a GPU are less exact. */
    private static double tolerance(TorchDevice device) {
        return device.isCpu() ? 2e-5 : 5e-5;
    }

    @ParameterizedTest
    @MethodSource("variants")
    void log_probs_equal_those_of_transformers(Variant variant, TorchDevice device, int threads) {
        try (TorchPolicy policy = variant.read(device, threads)) {
            TokenLogProbs logProbs = policy.logProbs(Variant.sequences());
            double[][] expected = variant.logProbs();
            for (int row = 0; row < expected.length; row++) {
                assertThat(logProbs.row(row)).containsExactly(expected[row], within(tolerance(device)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void the_gradient_of_every_parameter_equals_that_of_transformers(Variant variant, TorchDevice device, int threads) {
        try (TorchPolicy policy = variant.read(device, threads);
                ForwardPass pass = policy.forward(Variant.sequences())) {
            double[] weights = new double[pass.logProbs().shape().tokens()];
            Arrays.setAll(weights, Math::sin);
            pass.backward(TokenGradient.of(pass.logProbs().shape(), weights));
            assertThat(policy.parameters().all()).hasSize(variant.gradients().size());
            variant.gradients().properties().forEach(parameter -> {
                double[] gradient = Tensors.toDoubles(
                        policy.parameters().get(parameter.getKey()).grad());
                double norm = parameter.getValue().get(0).asDouble();
                // A bias of keys without rotary embedding has gradient 0, computed as a sum of rounding errors.
                double rounding = tolerance(device) * norm + 1e-5;
                assertThat(Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum()))
                        .as("norm of " + parameter.getKey())
                        .isCloseTo(norm, within(rounding));
                assertThat(Arrays.stream(gradient).sum())
                        .as("sum of " + parameter.getKey())
                        .isCloseTo(parameter.getValue().get(1).asDouble(), within(rounding * gradient.length));
            });
        }
    }
}
