package dpo.torch.block;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The keys and values of rows that are continued token by token, so that a step computes one token a row. Blocks know
 * nothing of it: it is what the {@link Pass} of a step attends to. For use without gradients.
 *
 * <p>Rows stand side by side with their ends in one column, {@code [rows, groups, columns, d]} a layer: the next tokens
 * of all rows are one further column, and a sliding window is the same columns for all. Before the beginning of a
 * shorter row are columns of zeros, which are masked. Memory is native and grows by pieces; close it.
 */
public final class KeyValueCache implements AutoCloseable {

    /** Columns that are made at a time, at least. */
    private static final long PIECE = 32;

    private final Map<Attention, Layer> layers = new HashMap<>();
    private final Weights weights;
    private int[] lengths = {};
    private int columns;

    /** A cache without rows, for a model of these weights. */
    public KeyValueCache(Weights weights) {
        this.weights = weights;
    }

    /**
     * Keys, float32 since scores are, and values of a layer, {@code [rows, groups, columns or more, d]}; each belongs to
     * the cache alone.
     */
    private static final class Layer {

        private Tensor keys;
        private Tensor values;

        Layer(Tensor keys, Tensor values) {
            this.keys = kept(keys);
            this.values = kept(values);
        }

        void replace(Tensor newKeys, Tensor newValues) {
            kept(newKeys);
            kept(newValues);
            release();
            keys = newKeys;
            values = newValues;
        }

        void release() {
            keys.releaseReference();
            values.releaseReference();
        }

        private static Tensor kept(Tensor tensor) {
            tensor.retainReference();
            return tensor;
        }
    }

    /** A pass over prompts, at least one, that fills the cache; it predicts the token after each. Once, and first. */
    public Pass prompts(int[][] prompts) {
        if (lengths.length > 0) {
            throw new IllegalStateException("prompts must be read once, got a second call");
        }
        lengths = Arrays.stream(prompts).mapToInt(prompt -> prompt.length).toArray();
        columns = Arrays.stream(lengths).max().orElseThrow();
        PackedRows rows = PackedRows.ofPrompts(prompts);
        List<Tensor> indices = IntStream.range(0, prompts.length)
                .mapToObj(row -> weights.place(Tensor.create(rows.packedIndices(row))))
                .toList();
        return new Pass(weights, rows, (settings, pass, queries, keys, values) -> {
            layers.put(settings, new Layer(filled(keys.to(ScalarType.Float), indices), filled(values, indices)));
            return Attending.WITHIN_PASS.apply(settings, pass, queries, keys, values);
        });
    }

    /** A pass over the next token of each row, which it adds; it predicts the one after it. */
    public Pass next(int[] tokens) {
        PackedRows rows = PackedRows.ofSingles(tokens, lengths);
        columns++;
        Arrays.setAll(lengths, row -> lengths[row] + 1);
        Tensor mask = weights.place(mask());
        return new Pass(weights, rows, (settings, pass, queries, keys, values) -> {
            Layer layer = layers.get(settings);
            append(layer, keys, values);
            return attend(settings, layer, mask, queries);
        });
    }

    /** Lets go all rows but some, ascending. */
    public void keep(int[] rows) {
        lengths = Arrays.stream(rows).map(row -> lengths[row]).toArray();
        Tensor kept = weights.place(Tensor.create(Arrays.stream(rows).asLongStream().toArray()));
        layers.values().forEach(layer ->
                layer.replace(layer.keys.index_select(0, kept), layer.values.index_select(0, kept)));
    }

    /** Keys or values {@code [packed, groups, d]} laid out by rows. */
    private Tensor filled(Tensor packed, List<Tensor> indices) {
        Tensor all = packed.new_zeros(lengths.length, packed.size(1), columns + PIECE, packed.size(2));
        for (int row = 0; row < lengths.length; row++) {
            all.select(0, row)
                    .narrow(1, columns - lengths[row], lengths[row])
                    .copy_(packed.index_select(0, indices.get(row)).transpose(0, 1));
        }
        return all;
    }

    private void append(Layer layer, Tensor keys, Tensor values) {
        if (columns > layer.keys.size(2)) {
            layer.replace(grown(layer.keys), grown(layer.values));
        }
        layer.keys.select(2, columns - 1).copy_(keys);
        layer.values.select(2, columns - 1).copy_(values);
    }

    private static Tensor grown(Tensor full) {
        long size = full.size(2);
        Tensor grown = full.new_zeros(full.size(0), full.size(1), size + Math.max(PIECE, size / 2), full.size(3));
        grown.narrow(2, 0, size).copy_(full);
        return grown;
    }

    /** As {@link CausalAttention}, with one query a row and head. */
    private Tensor attend(Attention settings, Layer layer, Tensor mask, Tensor queries) {
        long rows = lengths.length;
        long groups = settings.heads().keyValues();
        long headsInGroup = settings.heads().inGroup();
        long headSize = settings.heads().size();
        long first = settings.window().isPresent() ? Math.max(0, columns - settings.window().getAsInt()) : 0;
        long seen = columns - first;
        Tensor keys = layer.keys.narrow(2, first, seen).view(rows * groups, seen, headSize);
        Tensor values = layer.values.narrow(2, first, seen).view(rows * groups, seen, headSize);
        Tensor scaled = queries.to(ScalarType.Float)
                .reshape(rows * groups, headsInGroup, headSize)
                .bmm(keys.transpose(1, 2))
                .mul_(new Scalar(settings.scale()));
        Tensor scores = settings.softCap().map(cap -> cap.applyTo(scaled)).orElse(scaled);
        return scores.view(rows, groups, headsInGroup, seen)
                .add_(mask.narrow(3, first, seen))
                .softmax(-1)
                .to(values.scalar_type())
                .view(rows * groups, headsInGroup, seen)
                .bmm(values)
                .view(rows, groups * headsInGroup * headSize);
    }

    /** {@code [rows, 1, 1, columns]}: −∞ before the beginning of a row, 0 in it. */
    private Tensor mask() {
        float[] mask = new float[lengths.length * columns];
        for (int row = 0; row < lengths.length; row++) {
            int start = row * columns;
            Arrays.fill(mask, start, start + columns - lengths[row], Float.NEGATIVE_INFINITY);
        }
        return Tensor.create(mask, lengths.length, 1, 1, columns);
    }

    @Override
    public void close() {
        layers.values().forEach(Layer::release);
        layers.clear();
    }
}
