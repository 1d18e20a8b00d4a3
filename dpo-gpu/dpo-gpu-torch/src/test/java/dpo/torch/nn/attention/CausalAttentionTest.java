package dpo.torch.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.autograd.Recorder;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PackedRows;
import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.Projection;
import dpo.torch.nn.SoftCap;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments in padded blocks have the attention of single segments. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
class CausalAttentionTest {

    private final Random random = new Random(1);

    @ParameterizedTest
    @CsvSource({
        "4, 2, 0, 0, false",
        "4, 4, 0, 0, false",
        "6, 1, 0, 0, false",
        "4, 2, 3, 0, false",
        "4, 2, 11, 0.5, false",
        "4, 2, 0, 0.5, false",
        "4, 2, 0, 0, true",
        "4, 2, 7, 0.5, true"
    })
    void blocks_have_the_values_and_gradients_of_single_segments_in_float64(
            int heads, int groups, int window, double cap, boolean some) {
        PackedRows rows = raggedPairs();
        Attention settings = attention(new Heads(heads, groups, 8), window, cap);
        int segments = rows.segments().size();
        List<Integer> alone =
                IntStream.range(0, some ? segments / 2 : 0).boxed().toList();
        SegmentBlocks blocks = inBlocksOfFive(rows, alone);
        SegmentBlocks single = new SegmentBlocks(
                List.of(), IntStream.range(0, segments).boxed().toList());
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                ForwardContext context = context(rows, 2)) {
            List<Tensor> inputs = inputs(rows, settings.heads(), ScalarType.Double);
            Tensor gradient = random(ScalarType.Double, rows.tokens(), 8L * heads);
            List<double[]> expected = run(new CausalAttention(settings, context, single), inputs, gradient);
            List<double[]> got = run(new CausalAttention(settings, context, blocks), inputs, gradient);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(farthest(got.get(i), expected.get(i)))
                        .as("of output %d", i)
                        .isLessThan(1e-12);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void repeated_passes_give_the_same_bits_and_so_do_passes_without_a_gradient(int threads) {
        PackedRows rows = raggedPairs();
        Attention settings = attention(new Heads(4, 2, 16), 0, 0);
        assertThat(SegmentBlocks.of(settings, rows).blocks()).hasSizeGreaterThan(1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            List<Tensor> inputs = inputs(rows, settings.heads(), ScalarType.Float);
            Tensor gradient = random(ScalarType.Float, rows.tokens(), 64);
            List<List<double[]>> all = IntStream.range(0, 3)
                    .mapToObj(again -> {
                        try (ForwardContext context = context(rows, threads)) {
                            return run(new CausalAttention(settings, context), inputs, gradient);
                        }
                    })
                    .toList();
            for (List<double[]> again : all) {
                for (int i = 0; i < again.size(); i++) {
                    assertThat(again.get(i)).isEqualTo(all.get(0).get(i));
                }
            }
            try (ForwardContext context = context(rows, threads);
                    CausalAttention withoutGradient = new CausalAttention(settings, context)) {
                assertThat(Tensors.toDoubles(withoutGradient.forward(inputs, false)))
                        .isEqualTo(all.get(0).get(0));
            }
        }
    }

    @Test
    void the_padding_of_a_segment_and_the_scores_of_a_block_are_bounded() {
        PackedRows rows = raggedPairs();
        for (Heads heads :
                List.of(new Heads(1, 1, 2), new Heads(4, 2, 16), new Heads(9, 3, 64), new Heads(32, 8, 128))) {
            SegmentBlocks blocks = SegmentBlocks.of(attention(heads, 0, 0), rows);
            assertThat(blocks.blocks()).allSatisfy(block -> {
                assertThat(block.scores() * heads.queries()).isLessThanOrEqualTo(SegmentBlocks.MOST_SCORES);
                assertThat(block.segments()).hasSizeGreaterThan(1).allSatisfy(index -> {
                    PackedRows.Segment segment = rows.segments().get(index);
                    assertThat(segment.length()).isLessThanOrEqualTo(block.queries());
                    assertThat(segment.seen()).isLessThanOrEqualTo(block.keys());
                });
            });
            assertThat(Stream.concat(
                            blocks.blocks().stream().flatMap(block -> block.segments().stream()),
                            blocks.single().stream()))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, rows.segments().size()).boxed().toList());
            assertThat(blocks.padding(rows) * heads.queries() * (heads.size() + SegmentBlocks.SOFTMAX))
                    .isLessThanOrEqualTo(rows.segments().size() * SegmentBlocks.OPERATIONS_ON_A_SEGMENT);
        }
    }

    @Test
    void long_segments_are_in_no_block() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(ids(0, 300), ids(1000, 300)),
                TokenSequence.of(ids(2000, 300), ids(3000, 300)),
                TokenSequence.of(ids(4000, 260), ids(5000, 10)),
                TokenSequence.of(ids(6000, 260), ids(7000, 10))));
        SegmentBlocks blocks = SegmentBlocks.of(attention(new Heads(4, 2, 16), 0, 0), rows);
        assertThat(blocks.blocks()).isEmpty();
        assertThat(blocks.single()).containsExactly(0, 1, 2, 3);
    }

    /** Twelve pairs of different lengths; all prompts begin with the same three tokens, two are equal. */
    private static PackedRows raggedPairs() {
        SplittableRandom lengths = new SplittableRandom(5);
        List<TokenSequence> rows = new ArrayList<>();
        for (int pair = 0; pair < 12; pair++) {
            int first = 1000 * (pair == 7 ? 6 : pair);
            int own = pair == 7 ? 20 : lengths.nextInt(1, 40);
            int[] prompt = IntStream.concat(IntStream.range(0, 3), IntStream.range(first + 10, first + 10 + own))
                    .toArray();
            rows.add(TokenSequence.of(prompt, ids(1000 * pair + 500, lengths.nextInt(1, 30))));
            rows.add(TokenSequence.of(prompt, ids(1000 * pair + 700, lengths.nextInt(1, 30))));
        }
        return new PackedRows(rows);
    }

    private static SegmentBlocks inBlocksOfFive(PackedRows rows, List<Integer> alone) {
        List<SegmentBlocks.Block> blocks = new ArrayList<>();
        int segments = rows.segments().size();
        for (int from = alone.size(); from < segments; from += 5) {
            List<Integer> members =
                    IntStream.range(from, Math.min(from + 5, segments)).boxed().toList();
            blocks.add(new SegmentBlocks.Block(
                    members,
                    members.stream()
                            .mapToInt(index -> rows.segments().get(index).length())
                            .max()
                            .orElseThrow(),
                    members.stream()
                            .mapToInt(index -> rows.segments().get(index).seen())
                            .max()
                            .orElseThrow()));
        }
        return new SegmentBlocks(blocks, alone);
    }

    private static Attention attention(Heads heads, int window, double cap) {
        Projection none = Projection.of("none", 1, 1, false);
        return Attention.of(heads, new QueryKeyValue.Stacked(none), none)
                .withWindow(window == 0 ? OptionalInt.empty() : OptionalInt.of(window))
                .withSoftCap(cap == 0 ? Optional.empty() : Optional.of(new SoftCap(cap)));
    }

    private List<Tensor> inputs(PackedRows rows, Heads heads, ScalarType type) {
        return List.of(
                random(type, rows.tokens(), heads.queries(), heads.size()),
                random(type, rows.tokens(), heads.keyValues(), heads.size()),
                random(type, rows.tokens(), heads.keyValues(), heads.size()));
    }

    private Tensor random(ScalarType type, long... shape) {
        double[] numbers = random.doubles(Arrays.stream(shape).reduce(1, Math::multiplyExact), -2, 2)
                .toArray();
        return Tensor.create(numbers, shape).to(type);
    }

    private static List<double[]> run(CausalAttention attention, List<Tensor> inputs, Tensor gradient) {
        try (attention) {
            Tensor result = attention.forward(inputs, true);
            for (int i = 0; i < 20; i++) { // which overwrite memory that was released too early
                torch.full_like(result, new Scalar(Double.NaN));
            }
            return Stream.concat(Stream.of(result), attention.backward(inputs, gradient).stream())
                    .map(Tensors::toDoubles)
                    .toList();
        }
    }

    private static double farthest(double[] some, double[] others) {
        assertThat(some).hasSameSizeAs(others);
        return IntStream.range(0, some.length)
                .mapToDouble(i -> Math.abs(some[i] - others[i]))
                .max()
                .orElseThrow();
    }

    private static int[] ids(int first, int count) {
        return IntStream.range(first, first + count).toArray();
    }

    private static ForwardContext context(PackedRows rows, int threads) {
        ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), threads);
        return new ForwardContext(new NoWeights(), Recorder.withoutGradient(device.precision()), device, rows);
    }
}
