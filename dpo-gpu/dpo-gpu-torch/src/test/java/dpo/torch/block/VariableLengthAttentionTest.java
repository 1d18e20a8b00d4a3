package dpo.torch.block;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One call for all segments computes what they compute side by side. Runs where the system property {@code dpo.cuda}
 * says that there is a GPU, with the profile {@code cuda}.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
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
        "8, 0, false", "64, 0, false", "64, 300, false", "256, 0, false", "8, 0, true", "64, 0, true", "64, 300, true"
    })
    void results_and_gradients_are_those_of_segments_side_by_side_and_repeats_have_their_bits(
            int width, int window, boolean bfloat16) {
        Heads heads = new Heads(6, 2, width);
        Attention settings = attention(heads, window);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                Pass onCpu = new Pass(new On("cpu"), ROWS);
                Pass onCuda = new Pass(new On("cuda"), ROWS)) {
            torch.globalContext().setDeterministicAlgorithms(true, false);
            int tokens = ROWS.tokens();
            List<Tensor> inputs = Stream.of(random(tokens, 6, width), random(tokens, 2, width), random(tokens, 2, width))
                    .map(each -> bfloat16 ? each.to(ScalarType.BFloat16).to(ScalarType.Float) : each)
                    .toList();
            Tensor gradient = random(tokens, 6L * width);
            List<Tensor> placed = inputs.stream().map(each -> placed(each, bfloat16)).toList();
            List<float[]> expected = run(new CausalAttention(settings, onCpu), inputs, gradient);
            List<float[]> got = run(new VariableLengthAttention(settings, onCuda), placed, placed(gradient, bfloat16));
            for (int i = 0; i < expected.size(); i++) {
                assertThat(farthest(got.get(i), expected.get(i)))
                        .as("of output %d", i)
                        .isLessThan(bfloat16 ? 0.06 : 2e-5);
            }
            List<float[]> again = run(new VariableLengthAttention(settings, onCuda), placed, placed(gradient, bfloat16));
            for (int i = 0; i < got.size(); i++) {
                assertThat(Arrays.equals(again.get(i), got.get(i))).as("bits of output %d", i).isTrue();
            }
        }
    }

    @Test
    void where_a_window_cuts_or_scores_are_bounded_or_vectors_are_no_whole_pieces_it_cannot_compute() {
        Heads heads = new Heads(6, 2, 8);
        try (Pass pass = new Pass(new On("cuda"), ROWS)) {
            assertThat(VariableLengthAttention.canCompute(attention(heads, 0), pass)).isTrue();
            assertThat(VariableLengthAttention.canCompute(attention(heads, 300), pass)).isTrue();
            assertThat(VariableLengthAttention.canCompute(attention(heads, 299), pass)).isFalse();
            assertThat(VariableLengthAttention.canCompute(attention(new Heads(6, 2, 12), 0), pass)).isFalse();
            assertThat(VariableLengthAttention.canCompute(
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
        return IntStream.range(0, some.length).mapToDouble(i -> Math.abs(some[i] - others[i])).max().orElseThrow();
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

    /** No parameters; on a device, in float32. */
    private record On(String device) implements Weights {

        @Override
        public Tensor get(String name) {
            throw new IllegalArgumentException("no parameter " + name);
        }

        @Override
        public Tensor project(Projection projection, Tensor input) {
            throw new IllegalArgumentException("no projection " + projection.name());
        }

        @Override
        public Tensor apply(Operation operation, Tensor... inputs) {
            return operation.forward(List.of(inputs), false);
        }

        @Override
        public void sideBySide(int tasks, IntConsumer task) {
            IntStream.range(0, tasks).forEach(task);
        }

        @Override
        public Tensor fork(Tensor stream) {
            return stream;
        }

        @Override
        public Tensor forProducts(Tensor tensor) {
            return tensor;
        }

        @Override
        public boolean areOnCuda() {
            return device.equals("cuda");
        }

        @Override
        public Tensor place(Tensor tensor) {
            return tensor.to(new Device(device), tensor.scalar_type());
        }
    }
}
