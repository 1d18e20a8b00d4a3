package dpo.torch.nn.attention;

import dpo.core.setting.Requirement;
import dpo.torch.layout.PackedRows;
import dpo.torch.nn.Block;
import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.Norm;
import dpo.torch.nn.Parameter;
import dpo.torch.nn.Projection;
import dpo.torch.nn.SavedActivations;
import dpo.torch.nn.SoftCap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Causal self-attention of a layer: projections to queries, keys and values, norms of queries and keys, rotary
 * embedding, attention, and the output projection.
 *
 * @param heads number and width of the heads
 * @param input projections to queries, keys and values
 * @param output projection of the attended values
 * @param queryNorm norm of each query
 * @param keyNorm norm of each key
 * @param rotary embedding of positions in queries and keys; empty if positions are learned or not encoded
 * @param scale factor of {@code q kᵀ}
 * @param window largest number of keys that a query attends to, itself included; empty if it attends to all earlier
 *     ones
 * @param softCap bound of the scaled scores
 */
public record Attention(
        Heads heads,
        QueryKeyValue input,
        Projection output,
        Optional<Norm> queryNorm,
        Optional<Norm> keyNorm,
        Optional<RotaryEmbedding> rotary,
        double scale,
        OptionalInt window,
        Optional<SoftCap> softCap)
        implements Block {

    private static final long MOST_SAVED_SCORES = 512 * 512;

    public Attention {
        Requirement.positive("scale of attention", scale);
        rotary.ifPresent(
                embedding -> Requirement.between("rotary part of head_dim", embedding.size(), 2, heads.size()));
        if (window.isPresent()) {
            Requirement.atLeast("sliding_window", window.getAsInt(), 1);
        }
    }

    /** Attention as first published: scale {@code 1/√d}, and no optional part. */
    public static Attention of(Heads heads, QueryKeyValue input, Projection output) {
        return new Attention(
                heads,
                input,
                output,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1 / Math.sqrt(heads.size()),
                OptionalInt.empty(),
                Optional.empty());
    }

    /** This attention with rotary embedding. */
    public Attention with(RotaryEmbedding embedding) {
        return new Attention(heads, input, output, queryNorm, keyNorm, Optional.of(embedding), scale, window, softCap);
    }

    /** This attention with norms of queries and keys. */
    public Attention withNorms(Norm ofQueries, Norm ofKeys) {
        return new Attention(
                heads, input, output, Optional.of(ofQueries), Optional.of(ofKeys), rotary, scale, window, softCap);
    }

    /** This attention with another factor of {@code q kᵀ}. */
    public Attention withScale(double factor) {
        return new Attention(heads, input, output, queryNorm, keyNorm, rotary, factor, window, softCap);
    }

    /** This attention with a sliding window, or without one. */
    public Attention withWindow(OptionalInt keys) {
        return new Attention(heads, input, output, queryNorm, keyNorm, rotary, scale, keys, softCap);
    }

    /** This attention with a bound of the scores, or without one. */
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
    public Tensor apply(Tensor stream, ForwardContext context) {
        QueryKeyValue.Vectors vectors = input.apply(stream, heads, context);
        Tensor queries = context.device().toMatMulDtype(encoded(vectors.queries(), queryNorm, context));
        Tensor keys = context.device().toMatMulDtype(encoded(vectors.keys(), keyNorm, context));
        Tensor values = context.device().toMatMulDtype(vectors.values());
        Tensor attended = context.layout() instanceof CachedLayout cached
                ? cached.kernel().apply(this, context, queries, keys, values)
                : attendWithinRows(context, queries, keys, values);
        return context.project(output, attended);
    }

    /**
     * Attention among the tokens of the pass, which are packed rows.
     *
     * @param queries {@code [packed, heads, d]}, after norm and rotary embedding
     * @param keys {@code [packed, groups, d]}, after norm and rotary embedding
     * @param values {@code [packed, groups, d]}
     * @return {@code [packed, heads · d]}
     */
    public Tensor attendWithinRows(ForwardContext context, Tensor queries, Tensor keys, Tensor values) {
        return context.apply(
                context.device().isCuda() && VariableLengthAttention.supports(this, context)
                        ? new VariableLengthAttention(this, context)
                        : new CausalAttention(this, context),
                queries,
                keys,
                values);
    }

    /** Queries or keys after norm and rotary embedding. */
    private Tensor encoded(Tensor vectors, Optional<Norm> norm, ForwardContext context) {
        Tensor normalized = norm.map(present -> present.apply(vectors, context)).orElse(vectors);
        return rotary.map(embedding -> embedding.table(context).apply(normalized))
                .orElse(normalized);
    }

    /**
     * The vectors before and after norm and rotary embedding, the softmax, or the values that the tiled kernel saves
     * instead, the attended values and their projection.
     */
    @Override
    public SavedActivations savedActivations(PackedRows rows) {
        long tokens = rows.tokens();
        long queries = tokens * heads.queryWidth();
        long keys = tokens * heads.keyValueWidth();
        SavedActivations saved = SavedActivations.ofMatMuls(2 * queries + 2 * keys + tokens * output.out());
        if (rotary.isPresent() || queryNorm.isPresent()) {
            saved = saved.plus(SavedActivations.ofMatMuls(queries + keys));
        }
        saved = saved.plus(ofNorm(queryNorm, tokens * heads.queries()))
                .plus(ofNorm(keyNorm, tokens * heads.keyValues()));
        saved = saved.plus(softmax(SegmentBlocks.of(this, rows).padding(rows)));
        return rows.segments().stream().map(this::savedActivations).reduce(saved, SavedActivations::plus);
    }

    private static SavedActivations ofNorm(Optional<Norm> norm, long vectors) {
        return norm.map(present -> present.savedActivations(vectors)).orElse(SavedActivations.NONE);
    }

    private SavedActivations savedActivations(PackedRows.Segment segment) {
        if (!isTiled(segment)) {
            return softmax(segment.scores());
        }
        long seen = segment.seen();
        return SavedActivations.inFloat32(
                2L * segment.length() * heads.queryWidth() + 2 * seen * (heads.keyValueWidth() + heads.queryWidth()));
    }

    /** The softmax of scores of each head, and with a cap the capped scores. */
    private SavedActivations softmax(long scores) {
        return SavedActivations.ofMatMuls((softCap.isPresent() ? 2L : 1L) * heads.queries() * scores);
    }

    /** Whether a segment uses the tiled kernel: saving the softmax is faster, but its size grows with the square. */
    boolean isTiled(PackedRows.Segment segment) {
        return softCap.isEmpty() && segment.scores() > MOST_SAVED_SCORES;
    }

    /** Whether a tiled segment needs a mask; it needs none if its queries attend to all keys up to their own. */
    boolean isMasked(PackedRows.Segment segment) {
        return windowOf(segment).isPresent() || !segment.before().isEmpty();
    }

    /** The window, if it hides any key from a query of the segment. */
    OptionalInt windowOf(PackedRows.Segment segment) {
        long seen = segment.seen();
        return window.isPresent() && window.getAsInt() < seen ? window : OptionalInt.empty();
    }

    /**
     * Masks of each segment and window, rotary tables, and the scores and softmax of the longest segment of a layer.
     */
    @Override
    public Map<Object, SavedActivations> sharedActivations(PackedRows rows) {
        Map<Object, SavedActivations> shared = new HashMap<>();
        rows.segments().forEach(segment -> shared.put(List.of(segment, windowOf(segment)), mask(segment)));
        shared.put(
                "scores",
                SavedActivations.float32Copies(2L
                        * heads.queries()
                        * rows.segments().stream()
                                .filter(segment -> !isTiled(segment))
                                .mapToLong(PackedRows.Segment::scores)
                                .max()
                                .orElse(0)));
        rotary.ifPresent(
                embedding -> shared.put(embedding, SavedActivations.inFloat32(2L * rows.tokens() * embedding.size())));
        return shared;
    }

    private SavedActivations mask(PackedRows.Segment segment) {
        if (!isTiled(segment)) {
            return SavedActivations.inFloat32(heads.inGroup() * segment.scores());
        }
        return isMasked(segment) ? SavedActivations.inFloat32(segment.scores()) : SavedActivations.NONE;
    }
}
