package dpo.torch.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in tiles is that with a whole softmax, its gradients too. */
@SuppressWarnings("try") // scopes are opened and closed, not used
class SegmentAttentionTest {

    private static final Heads HEADS = new Heads(4, 2, 8);
    private static final long LENGTH = 5;

    @ParameterizedTest
    @CsvSource({"0, true", "0, false", "3, true"})
    void tiles_give_the_results_and_gradients_of_a_whole_softmax(int before, boolean masked) {
        Projection none = Projection.of("none", 1, 1, false);
        Attention settings = Attention.of(HEADS, new QueryKeyValue.Stacked(none), none).withScale(0.7);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            PackedRows.Segment segment = new PackedRows.Segment(
                    0, (int) LENGTH, before == 0 ? List.of() : List.of(new PackedRows.Part(0, before)));
            List<Tensor> inputs = List.of(
                    torch.randn(LENGTH, HEADS.queries(), HEADS.size()),
                    torch.randn(HEADS.keyValues(), before + LENGTH, HEADS.size()),
                    torch.randn(HEADS.keyValues(), before + LENGTH, HEADS.size()));
            Tensor gradient = torch.randn(LENGTH, HEADS.queries(), HEADS.size());
            SegmentAttention whole = new WholeAttention(settings, CausalMask.of(segment, settings.window(), 2));
            SegmentAttention tiled = new TiledAttention(settings, masked
                    ? Optional.of(CausalMask.of(segment, settings.window(), 1))
                    : Optional.empty());
            List<Tensor> expected = resultAndGradients(whole, inputs, gradient);
            List<Tensor> got = resultAndGradients(tiled, inputs, gradient);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(got.get(i).sizes().vec().get()).isEqualTo(expected.get(i).sizes().vec().get());
                assertThat(floats(got.get(i))).containsExactly(floats(expected.get(i)), within(1e-5f));
            }
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
            for (int i = 0; i < 100; i++) { // which take the place of whatever has been let go too early
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
