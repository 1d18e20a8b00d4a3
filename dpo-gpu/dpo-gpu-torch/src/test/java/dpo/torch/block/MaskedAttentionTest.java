package dpo.torch.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Few large operations compute what many small ones do. */
@SuppressWarnings("try") // scopes are opened and closed, not used
class MaskedAttentionTest {

    private static final Heads HEADS = new Heads(4, 2, 8);

    private static final PackedRows ROWS = new PackedRows(List.of(
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {1, 2}),
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {3, 4, 5}),
            TokenSequence.of(new int[] {7, 8}, new int[] {6}),
            TokenSequence.of(new int[] {5}, new int[] {4, 4, 4, 4, 4, 4, 4})));

    @Test
    void rows_get_what_they_get_segment_by_segment_with_windows_and_without() {
        for (OptionalInt window : List.of(OptionalInt.empty(), OptionalInt.of(3))) {
            Projection none = Projection.of("none", 1, 1, false);
            Attention settings =
                    Attention.of(HEADS, new QueryKeyValue.Stacked(none), none).withScale(0.7).withWindow(window);
            try (PointerScope scope = new PointerScope();
                    Pass pass = new Pass(new Plain(), ROWS)) {
                long packed = ROWS.ids().length;
                Tensor queries = torch.randn(packed, HEADS.queries(), HEADS.size());
                Tensor keys = torch.randn(packed, HEADS.keyValues(), HEADS.size());
                Tensor values = torch.randn(packed, HEADS.keyValues(), HEADS.size());
                Tensor bySegment = new CausalAttention(settings, pass).forward(List.of(queries, keys, values), false);
                Tensor byRun = new MaskedAttention(settings, pass).apply(queries, keys, values);
                assertThat(byRun.sizes().vec().get()).isEqualTo(bySegment.sizes().vec().get());
                assertThat(floats(byRun)).containsExactly(floats(bySegment), within(1e-5f));
            }
        }
    }

    private static float[] floats(Tensor tensor) {
        Tensor contiguous = tensor.contiguous();
        float[] numbers = new float[(int) contiguous.numel()];
        new FloatPointer(contiguous.data_ptr()).get(numbers);
        return numbers;
    }

    /** No parameters, on the CPU, in float32. */
    private static final class Plain implements Weights {

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
        public boolean prefersLargeOperations() {
            return true;
        }

        @Override
        public Tensor place(Tensor tensor) {
            return tensor;
        }
    }
}
