package dpo.torch.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.autograd.Operation;
import dpo.torch.autograd.Recorder;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PackedRows;
import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.Projection;
import dpo.torch.nn.SoftCap;
import dpo.torch.tensor.TorchDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One call for all segments gives the results of single segments. Runs with the profile {@code cuda} and the system
 * property {@code dpo.cuda}, on a GPU.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
@EnabledIfSystemProperty(named = "dpo.cuda", matches = "true")
class VariableLengthAttentionTest {

    private static final PackedRows ROWS = new PackedRows(List.of(
            TokenSequence.of(ids(0, 150), ids(200, 70)),
            TokenSequence.of(ids(0, 150), ids(300, 33)),
            TokenSequence.of(ids(0, 150), ids(400, 1)),
            TokenSequence.of(ids(0, 20), ids(500, 64)),
            TokenSequence.of(ids(600, 1), ids(700, 299))));

    private final Random random = new Random(1);

    @ParameterizedTest
    @CsvSource({
        "8, 0, false",
        "64, 0, false",
        "64, 300, false",
        "256, 0, false",
        "8, 0, true",
        "64, 0, true",
        "64, 300, true"
    })
    void results_and_gradients_equal_those_of_single_segments_and_repeated_runs_are_bit_identical(
            int width, int window, boolean bfloat16) {
        Heads heads = new Heads(6, 2, width);
        Attention settings = attention(heads, window);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                ForwardContext onCpu = context("cpu");
                ForwardContext onCuda = context("cuda")) {
            torch.globalContext().setDeterministicAlgorithms(true, false);
            int tokens = ROWS.tokens();
            List<Tensor> inputs = Stream.of(
                            random(tokens, 6, width), random(tokens, 2, width), random(tokens, 2, width))
                    .map(each -> bfloat16 ? each.to(ScalarType.BFloat16).to(ScalarType.Float) : each)
                    .toList();
            Tensor gradient = random(tokens, 6L * width);
            List<Tensor> placed =
                    inputs.stream().map(each -> placed(each, bfloat16)).toList();
            List<float[]> expected = run(new CausalAttention(settings, onCpu), inputs, gradient);
            List<float[]> got = run(new VariableLengthAttention(settings, onCuda), placed, placed(gradient, bfloat16));
            for (int i = 0; i < expected.size(); i++) {
                assertThat(farthest(got.get(i), expected.get(i)))
                        .as("of output %d", i)
                        .isLessThan(bfloat16 ? 0.06 : 2e-5);
            }
            List<float[]> again =
                    run(new VariableLengthAttention(settings, onCuda), placed, placed(gradient, bfloat16));
            for (int i = 0; i < got.size(); i++) {
                assertThat(Arrays.equals(again.get(i), got.get(i)))
                        .as("bits of output %d", i)
                        .isTrue();
            }
        }
    }

    @Test
    void windows_that_hide_keys_soft_caps_and_unaligned_vectors_are_unsupported() {
        Heads heads = new Heads(6, 2, 8);
        try (ForwardContext pass = context("cuda")) {
            assertThat(VariableLengthAttention.supports(attention(heads, 0), pass))
                    .isTrue();
            assertThat(VariableLengthAttention.supports(attention(heads, 300), pass))
                    .isTrue();
            assertThat(VariableLengthAttention.supports(attention(heads, 299), pass))
                    .isFalse();
            assertThat(VariableLengthAttention.supports(attention(new Heads(6, 2, 12), 0), pass))
                    .isFalse();
            assertThat(VariableLengthAttention.supports(
                            attention(heads, 0).withSoftCap(Optional.of(new SoftCap(0.5))), pass))
                    .isFalse();
        }
    }

    private static Attention attention(Heads heads, int window) {
        Projection none = Projection.of("none", 1, 1, false);
        return Attention.of(heads, new QueryKeyValue.Stacked(none), none)
                .withWindow(window == 0 ? OptionalInt.empty() : OptionalInt.of(window));
    }

    /** The largest difference of two elements. */
    private static double farthest(float[] some, float[] others) {
        assertThat(some).hasSameSizeAs(others);
        return IntStream.range(0, some.length)
                .mapToDouble(i -> Math.abs(some[i] - others[i]))
                .max()
                .orElseThrow();
    }

    private static Tensor placed(Tensor tensor, boolean bfloat16) {
        return tensor.to(new Device("cuda"), bfloat16 ? ScalarType.BFloat16 : ScalarType.Float);
    }

    private static List<float[]> run(Operation operation, List<Tensor> inputs, Tensor gradient) {
        try (operation) {
            Tensor result = operation.forward(inputs, true);
            return Stream.concat(Stream.of(result), operation.backward(inputs, gradient).stream())
                    .map(VariableLengthAttentionTest::floats)
                    .toList();
        }
    }

    private Tensor random(long... shape) {
        int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return Tensor.create(numbers, shape);
    }

    private static int[] ids(int first, int count) {
        return IntStream.range(first, first + count).toArray();
    }

    private static float[] floats(Tensor tensor) {
        Tensor contiguous = tensor.to(new Device("cpu"), ScalarType.Float).contiguous();
        float[] numbers = new float[(int) contiguous.numel()];
        new FloatPointer(contiguous.data_ptr()).get(numbers);
        return numbers;
    }

    /** A pass over the rows in float32, of a model without parameters. */
    private static ForwardContext context(String device) {
        ComputeDevice configured = ComputeDevice.configure(new TorchDevice(device), 1);
        return new ForwardContext(new NoWeights(), Recorder.withoutGradient(configured.precision()), configured, ROWS);
    }
}
