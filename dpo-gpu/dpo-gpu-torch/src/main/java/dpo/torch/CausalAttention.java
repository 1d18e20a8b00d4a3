package dpo.torch;

import dpo.torch.PackedRows.Part;
import dpo.torch.PackedRows.Segment;
import dpo.torch.checkpoint.LlamaConfig;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * Causal grouped-query attention over packed rows, segment by segment: {@code softmax(q kᵀ / √d + mask) v}, where the
 * keys of a segment are those before it in its row and its own.
 *
 * <p>The query heads of a group are stacked, so that one product serves all heads that share keys and values. The
 * softmax is kept for the gradient, {@code heads · length · keys} numbers a segment, except for long segments.
 */
final class CausalAttention {

    /** Queries times keys of a segment up to which the softmax is kept, which is faster but grows with the square. */
    private static final long LARGEST_KEPT = 512 * 512;

    private final long groups;
    private final long headsInGroup;
    private final long headSize;
    private final List<Segment> segments;
    private final List<Tensor> masks = new ArrayList<>();
    private final long[] lengths;

    /** The attention of these segments in any layer; the masks live in the current scope. */
    CausalAttention(LlamaConfig config, List<Segment> segments, TorchDevice device) {
        this.groups = config.keyValueHeads();
        this.headsInGroup = config.heads() / config.keyValueHeads();
        this.headSize = config.headSize();
        this.segments = segments;
        this.lengths = segments.stream().mapToLong(Segment::length).toArray();
        segments.forEach(segment -> masks.add(mask(segment, device)));
    }

    /**
     * Attention of all segments.
     *
     * @param queries {@code [packed, heads, d]}
     * @param keys {@code [packed, groups, d]}
     * @param values {@code [packed, groups, d]}
     * @return {@code [packed, heads · d]}
     */
    Tensor apply(Tensor queries, Tensor keys, Tensor values) {
        TensorVector q = queries.split_with_sizes(lengths, 0);
        TensorVector k = keys.transpose(0, 1).split_with_sizes(lengths, 1);
        TensorVector v = values.transpose(0, 1).split_with_sizes(lengths, 1);
        TensorVector attended = new TensorVector();
        for (int i = 0; i < lengths.length; i++) {
            attended.push_back(attend(i, q.get(i), seen(k, i), seen(v, i)));
        }
        return lengths.length == 1 ? attended.get(0) : torch.cat(attended, 0);
    }

    private Tensor attend(int segment, Tensor queries, Tensor keys, Tensor values) {
        long length = lengths[segment];
        if (inTiles(segments.get(segment))) {
            return attendInTiles(queries, keys, values, masks.get(segment));
        }
        Tensor stacked = queries.view(length, groups, headsInGroup, headSize)
                .permute(1, 2, 0, 3)
                .reshape(groups, headsInGroup * length, headSize);
        Tensor scores = torch.baddbmm(masks.get(segment), stacked, keys.transpose(1, 2),
                new Scalar(1.0), new Scalar(1 / Math.sqrt(headSize)));
        return scores.softmax(-1).bmm(values)
                .view(groups, headsInGroup, length, headSize)
                .permute(2, 0, 1, 3)
                .reshape(length, groups * headsInGroup * headSize);
    }

    /** The same by libtorch's tiled kernel, which keeps no softmax and computes it anew for the gradient. */
    private Tensor attendInTiles(Tensor queries, Tensor keys, Tensor values, Tensor mask) {
        long length = queries.size(0);
        Tensor attended = torch.scaled_dot_product_attention(
                queries.transpose(0, 1).unsqueeze(0), forEachHead(keys), forEachHead(values),
                new TensorOptional(mask), 0.0, false, new DoubleOptional(), false);
        return attended.squeeze(0).transpose(0, 1).reshape(length, groups * headsInGroup * headSize);
    }

    /** Keys or values {@code [groups, keys, d]} repeated for the heads that share them: {@code [1, heads, keys, d]}. */
    private Tensor forEachHead(Tensor shared) {
        return shared.unsqueeze(1)
                .expand(groups, headsInGroup, shared.size(1), headSize)
                .reshape(1, groups * headsInGroup, shared.size(1), headSize);
    }

    /** The keys or values that a segment sees, {@code [groups, before + length, d]}. */
    private Tensor seen(TensorVector parts, int index) {
        List<Part> before = segments.get(index).before();
        if (before.isEmpty()) {
            return parts.get(index);
        }
        TensorVector seen = new TensorVector();
        before.forEach(part -> seen.push_back(parts.get(part.segment()).narrow(1, 0, part.tokens())));
        seen.push_back(parts.get(index));
        return torch.cat(seen, 1);
    }

    private static boolean inTiles(Segment segment) {
        return (long) segment.length() * (segment.tokensBefore() + segment.length()) > LARGEST_KEPT;
    }

    /** {@code [queries, before + length]}: −∞ where a key lies after the query. */
    private Tensor mask(Segment segment, TorchDevice device) {
        long keys = segment.tokensBefore() + segment.length();
        Tensor ofOneHead = torch.full(new long[] {segment.length(), keys}, new Scalar(Double.NEGATIVE_INFINITY),
                        device.options(ScalarType.Float))
                .triu(segment.tokensBefore() + 1);
        return inTiles(segment) ? ofOneHead : ofOneHead.repeat(headsInGroup, 1);
    }
}
