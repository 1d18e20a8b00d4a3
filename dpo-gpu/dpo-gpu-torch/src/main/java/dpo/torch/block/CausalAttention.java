package dpo.torch.block;

import dpo.torch.block.PackedRows.Part;
import dpo.torch.block.PackedRows.Segment;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * Causal grouped-query attention over packed rows, segment by segment: {@code softmax(cap(s q kᵀ) + mask) v}, where the
 * keys of a segment are those before it in its row and its own.
 *
 * <p>The query heads of a group are stacked, so that one product serves all heads that share keys and values. The
 * softmax is kept for the gradient, {@code heads · length · keys} numbers a segment, except for long segments without a
 * cap.
 */
final class CausalAttention {

    /** Queries times keys of a segment up to which the softmax is kept, which is faster but grows with the square. */
    static final long LARGEST_KEPT = 512 * 512;

    private final Attention settings;
    private final Pass pass;
    private final List<Segment> segments;
    private final long[] lengths;
    private final long groups;
    private final int headsInGroup;
    private final long headSize;

    CausalAttention(Attention settings, Pass pass) {
        this.settings = settings;
        this.pass = pass;
        this.segments = pass.rows().segments();
        this.lengths = segments.stream().mapToLong(Segment::length).toArray();
        this.groups = settings.heads().keyValues();
        this.headsInGroup = settings.heads().queries() / settings.heads().keyValues();
        this.headSize = settings.heads().size();
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
        if (settings.softCap().isEmpty() && length * keys.size(1) > LARGEST_KEPT) {
            return attendInTiles(segment, queries, keys, values);
        }
        Tensor stacked = queries.view(length, groups, headsInGroup, headSize)
                .permute(1, 2, 0, 3)
                .reshape(groups, headsInGroup * length, headSize);
        return scores(segment, stacked, keys.transpose(1, 2)).softmax(-1).bmm(values)
                .view(groups, headsInGroup, length, headSize)
                .permute(2, 0, 1, 3)
                .reshape(length, groups * headsInGroup * headSize);
    }

    private Tensor scores(int segment, Tensor queries, Tensor keys) {
        Tensor mask = pass.mask(segment, settings.window(), headsInGroup);
        Scalar scale = new Scalar(settings.scale());
        Optional<SoftCap> softCap = settings.softCap();
        return softCap.isPresent()
                ? softCap.get().apply(queries.bmm(keys).mul(scale)).add(mask)
                : torch.baddbmm(mask, queries, keys, new Scalar(1.0), scale);
    }

    /**
     * The same by libtorch's tiled kernel, which keeps no softmax and computes it anew for the gradient. In float32: the
     * kernel's products of bfloat16 numbers are not those of oneDNN, and some ten times slower.
     */
    private Tensor attendInTiles(int segment, Tensor queries, Tensor keys, Tensor values) {
        long length = queries.size(0);
        boolean alone = segments.get(segment).before().isEmpty() && settings.window().isEmpty();
        TensorOptional mask = alone
                ? new TensorOptional()
                : new TensorOptional(pass.mask(segment, settings.window(), 1).to(ScalarType.Float));
        Tensor attended = torch.scaled_dot_product_attention(
                queries.to(ScalarType.Float).transpose(0, 1).unsqueeze(0),
                forEachHead(keys.to(ScalarType.Float)), forEachHead(values.to(ScalarType.Float)),
                mask, 0.0, alone, new DoubleOptional(settings.scale()), false);
        return attended.squeeze(0).transpose(0, 1)
                .reshape(length, groups * headsInGroup * headSize)
                .to(queries.scalar_type());
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
}
