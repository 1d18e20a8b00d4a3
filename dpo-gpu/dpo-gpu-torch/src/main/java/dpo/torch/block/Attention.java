package dpo.torch.block;

import dpo.core.setting.Requirement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Causal attention of a layer: projections, norms of queries and keys, rotations, the attention itself, and the output
 * projection, in this order.
 *
 * @param heads number and width of the heads
 * @param input projections to queries, keys and values
 * @param output projection of what was attended to
 * @param queryNorm norm of each query
 * @param keyNorm norm of each key
 * @param rotary turns of queries and keys by their positions; none where positions are learned or not told
 * @param scale factor of {@code q kᵀ}
 * @param window number of keys that a query sees at most, itself included; all before it where absent
 * @param softCap bound of the scaled scores
 */
public record Attention(
        Heads heads,
        QueryKeyValue input,
        Projection output,
        Optional<Norm> queryNorm,
        Optional<Norm> keyNorm,
        Optional<Rotary> rotary,
        double scale,
        OptionalInt window,
        Optional<SoftCap> softCap)
        implements Block {

    private static final long LARGEST_KEPT = 512 * 512;

    public Attention {
        Requirement.positive("scale of attention", scale);
        rotary.ifPresent(rotations -> Requirement.between(
                "rotary part of head_dim", rotations.size(), 2, heads.size()));
        if (window.isPresent()) {
            Requirement.atLeast("sliding_window", window.getAsInt(), 1);
        }
    }

    /** Attention as first published: scale {@code 1/√d}, and none of what is optional. */
    public static Attention of(Heads heads, QueryKeyValue input, Projection output) {
        return new Attention(heads, input, output, Optional.empty(), Optional.empty(), Optional.empty(),
                1 / Math.sqrt(heads.size()), OptionalInt.empty(), Optional.empty());
    }

    /** The same with rotations of queries and keys. */
    public Attention with(Rotary rotations) {
        return new Attention(
                heads, input, output, queryNorm, keyNorm, Optional.of(rotations), scale, window, softCap);
    }

    /** The same with norms of queries and keys. */
    public Attention withNorms(Norm ofQueries, Norm ofKeys) {
        return new Attention(
                heads, input, output, Optional.of(ofQueries), Optional.of(ofKeys), rotary, scale, window, softCap);
    }

    /** The same with another factor of {@code q kᵀ}. */
    public Attention withScale(double factor) {
        return new Attention(heads, input, output, queryNorm, keyNorm, rotary, factor, window, softCap);
    }

    /** The same with a sliding window, or without one. */
    public Attention withWindow(OptionalInt keys) {
        return new Attention(heads, input, output, queryNorm, keyNorm, rotary, scale, keys, softCap);
    }

    /** The same with a bound of the scores, or without one. */
    public Attention withSoftCap(Optional<SoftCap> cap) {
        return new Attention(heads, input, output, queryNorm, keyNorm, rotary, scale, window, cap);
    }

    @Override
    public Stream<Projection> projections() {
        return Stream.concat(input.projections(), Stream.of(output));
    }

    @Override
    public Stream<Parameter> parameters() {
        return Stream.concat(
                Block.super.parameters(),
                Stream.concat(queryNorm.stream(), keyNorm.stream()).flatMap(Norm::parameters));
    }

    @Override
    public Tensor apply(Tensor stream, Pass pass) {
        QueryKeyValue.Vectors vectors = input.apply(stream, heads, pass.weights());
        Tensor queries = pass.weights().forProducts(placed(vectors.queries(), queryNorm, pass));
        Tensor keys = pass.weights().forProducts(placed(vectors.keys(), keyNorm, pass));
        Tensor attended = pass.attend(this, queries, keys, pass.weights().forProducts(vectors.values()));
        return output.apply(attended, pass.weights());
    }

    /**
     * The vectors as they come and as they are placed, the softmax or what the tiled kernel takes and gives in place of
     * it, the result and its projection.
     */
    @Override
    public Kept kept(PackedRows rows) {
        long queries = (long) rows.tokens() * heads.queryWidth();
        long keys = (long) rows.tokens() * heads.keyValueWidth();
        Kept kept = Kept.ofProducts(2 * queries + 2 * keys + (long) rows.tokens() * output.out());
        if (rotary.isPresent() || queryNorm.isPresent()) {
            kept = kept.plus(Kept.ofProducts(queries + keys));
        }
        long tokens = rows.tokens();
        kept = kept.plus(queryNorm.map(norm -> norm.kept(tokens * heads.queries())).orElse(Kept.NONE))
                .plus(keyNorm.map(norm -> norm.kept(tokens * heads.keyValues())).orElse(Kept.NONE));
        return rows.segments().stream().map(this::kept).reduce(kept, Kept::plus);
    }

    private Kept kept(PackedRows.Segment segment) {
        if (!isInTiles(segment)) {
            return Kept.ofProducts((softCap.isPresent() ? 2 : 1) * heads.queries() * segment.scores());
        }
        long seen = segment.tokensBefore() + segment.length();
        return Kept.wide(2L * segment.length() * heads.queryWidth()
                + 2 * seen * (heads.keyValueWidth() + heads.queryWidth()));
    }

    /** Whether a segment is computed in tiles: to keep its softmax is faster, but that grows with the square. */
    boolean isInTiles(PackedRows.Segment segment) {
        return softCap.isEmpty() && segment.scores() > LARGEST_KEPT;
    }

    /** Whether a segment in tiles needs a mask: where its queries do not simply see all keys up to their own. */
    boolean isMasked(PackedRows.Segment segment) {
        return windowOf(segment).isPresent() || !segment.before().isEmpty();
    }

    /** The window, where it hides any key from a query of a segment. */
    OptionalInt windowOf(PackedRows.Segment segment) {
        long seen = segment.tokensBefore() + segment.length();
        return window.isPresent() && window.getAsInt() < seen ? window : OptionalInt.empty();
    }

    /** Masks of each segment and window, and rotations; and the scores and softmax of the longest segment of a layer. */
    @Override
    public Map<Object, Kept> keptOnce(PackedRows rows) {
        Map<Object, Kept> once = new HashMap<>();
        rows.segments().forEach(segment -> once.put(List.of(segment, windowOf(segment)), mask(segment)));
        once.put("scores", Kept.besideProducts(2L * heads.queries() * rows.segments().stream()
                .filter(segment -> !isInTiles(segment))
                .mapToLong(PackedRows.Segment::scores)
                .max()
                .orElse(0)));
        rotary.ifPresent(turns -> once.put(turns, Kept.wide(2L * rows.tokens() * turns.size())));
        return once;
    }

    private Kept mask(PackedRows.Segment segment) {
        if (!isInTiles(segment)) {
            return Kept.wide(heads.inGroup() * segment.scores());
        }
        return isMasked(segment) ? Kept.wide(segment.scores()) : Kept.NONE;
    }

    /** Queries or keys, normalised and turned. */
    private Tensor placed(Tensor vectors, Optional<Norm> norm, Pass pass) {
        Tensor normalised = norm.map(present -> present.apply(vectors, pass.weights())).orElse(vectors);
        return rotary.map(present -> pass.rotations(present).turn(normalised)).orElse(normalised);
    }
}
