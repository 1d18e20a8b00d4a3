package dpo.torch.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.layout.PackedRows;
import dpo.torch.nn.Projection;
import dpo.torch.nn.SoftCap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Eager and tiled attention compute the formula of attention and its gradients. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class SegmentAttentionTest {

    private static final Heads HEADS = new Heads(4, 2, 8);
    private static final long LENGTH = 5;

    private final RandomGenerator random = new SplittableRandom(1);

    @ParameterizedTest
    @CsvSource({"0, true", "0, false", "3, true"})
    void tiled_attention_has_the_results_and_gradients_of_eager_attention(int before, boolean masked) {
        Attention settings = settings();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            PackedRows.Segment segment = segment(before);
            List<Tensor> inputs = inputs(before);
            Tensor gradient = random(LENGTH, HEADS.queries(), HEADS.size());
            SegmentAttention eager =
                    new EagerAttention(settings, new CausalMask(segment, settings.window(), 2).tensor());
            SegmentAttention tiled = new TiledAttention(
                    settings,
                    masked ? Optional.of(new CausalMask(segment, settings.window(), 1).tensor()) : Optional.empty());
            List<Tensor> expected = resultAndGradients(eager, inputs, gradient);
            List<Tensor> got = resultAndGradients(tiled, inputs, gradient);
            requireEqual(got, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "3, 0, 0", "3, 2, 0", "0, 0, 0.5", "3, 4, 0.5"})
    void eager_attention_has_the_gradients_that_autograd_computes_for_the_formula(int before, int window, double cap) {
        Attention settings = settings()
                .withWindow(window == 0 ? OptionalInt.empty() : OptionalInt.of(window))
                .withSoftCap(cap == 0 ? Optional.empty() : Optional.of(new SoftCap(cap)));
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> inputs = inputs(before);
            Tensor gradient = random(LENGTH, HEADS.queries(), HEADS.size());
            Tensor mask = new CausalMask(segment(before), settings.window(), 1).tensor();
            List<Tensor> leaves = inputs.stream()
                    .map(input -> input.clone().set_requires_grad(true))
                    .toList();
            Tensor result = formula(settings, leaves, mask);
            result.backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
            List<Tensor> expected = new ArrayList<>(List.of(result.detach()));
            leaves.forEach(leaf -> expected.add(leaf.grad()));
            try (NoGradGuard noGrad = new NoGradGuard()) {
                SegmentAttention eager = new EagerAttention(
                        settings, new CausalMask(segment(before), settings.window(), HEADS.inGroup()).tensor());
                requireEqual(resultAndGradients(eager, inputs, gradient), expected);
            }
        }
    }

    /** Scores near each other and near 80, where bfloat16 has steps of 0.5. */
    @ParameterizedTest
    @CsvSource({"0", "1000"})
    void scores_and_softmax_are_float32_for_every_dtype_of_matmuls(double cap) {
        Attention settings =
                settings().withScale(1).withSoftCap(cap == 0 ? Optional.empty() : Optional.of(new SoftCap(cap)));
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor mask = new CausalMask(segment(3), settings.window(), 1).tensor();
            List<Tensor> inputs = inputs(3);
            inputs.get(1).add_(new Scalar(30.0));
            List<Tensor> rounded =
                    inputs.stream().map(input -> input.to(ScalarType.BFloat16)).toList();
            List<Tensor> wide =
                    rounded.stream().map(input -> input.to(ScalarType.Float)).toList();
            Tensor got = new EagerAttention(settings, mask.repeat(HEADS.inGroup(), 1)).forward(rounded, false);
            assertThat(got.scalar_type().value).isEqualTo(ScalarType.BFloat16.value);
            assertThat(floats(got.to(ScalarType.Float)))
                    .containsExactly(floats(formula(settings, wide, mask)), within(0.012f));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "3, 8", "0, 4096"})
    void a_window_that_hides_no_key_is_ignored(int before, int window) {
        Attention settings = settings().withWindow(OptionalInt.of(window));
        assertThat(settings.windowOf(segment(before))).isEmpty();
        assertThat(settings.isMasked(segment(before))).isEqualTo(before > 0);
        try (PointerScope scope = new PointerScope()) {
            assertThat(floats(new CausalMask(segment(before), settings.window(), 1).tensor()))
                    .isEqualTo(floats(new CausalMask(segment(before), OptionalInt.empty(), 1).tensor()));
        }
        Attention narrower = settings().withWindow(OptionalInt.of((int) LENGTH + before - 1));
        assertThat(narrower.windowOf(segment(before))).isEqualTo(narrower.window());
    }

    /** {@code softmax(cap(s q kᵀ) + mask) v}, head by head. */
    private static Tensor formula(Attention settings, List<Tensor> inputs, Tensor mask) {
        TensorVector heads = new TensorVector();
        for (int head = 0; head < HEADS.queries(); head++) {
            int group = head / HEADS.inGroup();
            Tensor scores = inputs.get(0)
                    .select(1, head)
                    .mm(inputs.get(1).select(0, group).t())
                    .mul(new Scalar(settings.scale()));
            Tensor capped = settings.softCap()
                    .map(cap -> scores.div(new Scalar(cap.limit())).tanh().mul(new Scalar(cap.limit())))
                    .orElse(scores);
            heads.push_back(capped.add(mask).softmax(-1).mm(inputs.get(2).select(0, group)));
        }
        return torch.stack(heads, 1);
    }

    private static Attention settings() {
        Projection none = Projection.of("none", 1, 1, false);
        return Attention.of(HEADS, new QueryKeyValue.Stacked(none), none).withScale(0.7);
    }

    private static PackedRows.Segment segment(int before) {
        return new PackedRows.Segment(
                0, (int) LENGTH, before == 0 ? List.of() : List.of(new PackedRows.Prefix(0, before)));
    }

    private List<Tensor> inputs(int before) {
        return List.of(
                random(LENGTH, HEADS.queries(), HEADS.size()),
                random(HEADS.keyValues(), before + LENGTH, HEADS.size()),
                random(HEADS.keyValues(), before + LENGTH, HEADS.size()));
    }

    private Tensor random(long... shape) {
        float[] numbers = new float[(int) (shape[0] * shape[1] * shape[2])];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return Tensor.create(numbers, shape);
    }

    private static void requireEqual(List<Tensor> got, List<Tensor> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(got.get(i).sizes().vec().get())
                    .isEqualTo(expected.get(i).sizes().vec().get());
            assertThat(floats(got.get(i))).containsExactly(floats(expected.get(i)), within(1e-5f));
        }
    }

    private static List<Tensor> resultAndGradients(SegmentAttention attention, List<Tensor> inputs, Tensor gradient) {
        try (attention) {
            List<Tensor> all = new ArrayList<>();
            PointerScope enclosing = PointerScope.getInnerScope();
            try (PointerScope ofForward = new PointerScope()) {
                all.add(attention.forward(inputs, true));
                enclosing.attach(all.get(0));
            }
            all.addAll(attention.backward(inputs, gradient));
            attention.close();
            for (int i = 0; i < 100; i++) { // which overwrite memory that was released too early
                inputs.forEach(input -> torch.full_like(input, new Scalar(Double.NaN)));
            }
            return all;
        }
    }

    private static float[] floats(Tensor tensor) {
        Tensor contiguous = tensor.contiguous();
        float[] numbers = new float[(int) contiguous.numel()];
        new FloatPointer(contiguous.data_ptr()).get(numbers);
        return numbers;
    }
}
