package dpo.torch.generation;

import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.NextTokens;
import dpo.torch.layout.PackedRows;
import dpo.torch.layout.TokenLayout;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.CachedLayout;
import dpo.torch.tensor.RetainedTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The key-value cache of sequences that are generated token by token, so that each step computes one token per row.
 * Only {@link Attention} uses it, through the layout of a step. For use without gradients.
 *
 * <p>Rows are right-aligned, {@code [rows, groups, columns, d]} per layer: the next tokens of all rows fill one further
 * column, and a sliding window covers the same columns in all rows. The columns before a shorter row are zero and
 * masked. The cache is native memory that grows in chunks; close it.
 */
final class KeyValueCache implements AutoCloseable {

    /** Smallest number of columns that are added at a time. */
    private static final long CHUNK = 32;

    private final Map<Attention, Layer> layers = new HashMap<>();
    private final ComputeDevice device;
    private int[] lengths = {};
    private int columns;

    /** A cache without rows. */
    KeyValueCache(ComputeDevice device) {
        this.device = device;
    }

    /** Keys, in float32 because scores are, and values of a layer, {@code [rows, groups, columns or more, d]}. */
    private static final class Layer {

        private final RetainedTensors tensors = new RetainedTensors();

        Layer(Tensor keys, Tensor values) {
            tensors.add(keys);
            tensors.add(values);
        }

        Tensor keys() {
            return tensors.get(0);
        }

        Tensor values() {
            return tensors.get(1);
        }

        /** Replaces both; the cache alone owns the tensors, so that memory is released at once. */
        void replace(Tensor keys, Tensor values) {
            tensors.close();
            tensors.add(keys);
            tensors.add(values);
        }
    }

    /** The layout of a pass over at least one prompt, which fills the cache; called once, before {@link #next}. */
    TokenLayout prompts(int[][] prompts) {
        if (lengths.length > 0) {
            throw new IllegalStateException("prompts must be read once, got a second call");
        }
        lengths = Arrays.stream(prompts).mapToInt(prompt -> prompt.length).toArray();
        columns = Arrays.stream(lengths).max().orElseThrow();
        PackedRows rows = PackedRows.ofPrompts(prompts);
        List<Tensor> indices = IntStream.range(0, prompts.length)
                .mapToObj(row -> device.place(Tensor.create(rows.packedIndices(row))))
                .toList();
        return new CachedLayout(rows, (attention, context, queries, keys, values) -> {
            layers.put(attention, new Layer(filled(keys.to(ScalarType.Float), indices), filled(values, indices)));
            return attention.attendWithinRows(context, queries, keys, values);
        });
    }

    /** The layout of a pass over the next token of each row, which adds them to the cache. */
    TokenLayout next(int[] tokens) {
        NextTokens next = new NextTokens(
                Arrays.stream(tokens).asLongStream().toArray(),
                Arrays.stream(lengths).asLongStream().toArray());
        columns++;
        Arrays.setAll(lengths, row -> lengths[row] + 1);
        Tensor mask = device.place(mask());
        return new CachedLayout(next, (attention, context, queries, keys, values) -> {
            Layer layer = layers.get(attention);
            if (layer == null) {
                throw new IllegalStateException("prompts must be read first, got their next tokens");
            }
            append(layer, keys, values);
            return attend(attention, layer, mask, queries);
        });
    }

    /** Drops all rows but the given ones, in ascending order. */
    void keep(int[] rows) {
        lengths = Arrays.stream(rows).map(row -> lengths[row]).toArray();
        Tensor indices =
                device.place(Tensor.create(Arrays.stream(rows).asLongStream().toArray()));
        layers.values()
                .forEach(layer -> layer.replace(
                        layer.keys().index_select(0, indices), layer.values().index_select(0, indices)));
    }

    /** Keys or values {@code [packed, groups, d]} in right-aligned rows. */
    private Tensor filled(Tensor packed, List<Tensor> indices) {
        Tensor all = packed.new_zeros(lengths.length, packed.size(1), columns + CHUNK, packed.size(2));
        for (int row = 0; row < lengths.length; row++) {
            all.select(0, row)
                    .narrow(1, columns - lengths[row], lengths[row])
                    .copy_(packed.index_select(0, indices.get(row)).transpose(0, 1));
        }
        return all;
    }

    private void append(Layer layer, Tensor keys, Tensor values) {
        if (columns > layer.keys().size(2)) {
            layer.replace(grown(layer.keys()), grown(layer.values()));
        }
        layer.keys().select(2, columns - 1).copy_(keys);
        layer.values().select(2, columns - 1).copy_(values);
    }

    private static Tensor grown(Tensor full) {
        long size = full.size(2);
        Tensor grown = full.new_zeros(full.size(0), full.size(1), size + Math.max(CHUNK, size / 2), full.size(3));
        grown.narrow(2, 0, size).copy_(full);
        return grown;
    }

    /** Attention with one query per row and head. */
    private Tensor attend(Attention attention, Layer layer, Tensor mask, Tensor queries) {
        long rows = lengths.length;
        long groups = attention.heads().keyValues();
        long headsInGroup = attention.heads().inGroup();
        long headSize = attention.heads().size();
        long first = attention.window().isPresent()
                ? Math.max(0, columns - attention.window().getAsInt())
                : 0;
        long seen = columns - first;
        Tensor keys = layer.keys().narrow(2, first, seen).view(rows * groups, seen, headSize);
        Tensor values = layer.values().narrow(2, first, seen).view(rows * groups, seen, headSize);
        Tensor scaled = queries.to(ScalarType.Float)
                .reshape(rows * groups, headsInGroup, headSize)
                .bmm(keys.transpose(1, 2))
                .mul_(new Scalar(attention.scale()));
        Tensor scores = attention.softCap().map(cap -> cap.applyTo(scaled)).orElse(scaled);
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
        layers.values().forEach(layer -> layer.tensors.close());
        layers.clear();
    }
}
