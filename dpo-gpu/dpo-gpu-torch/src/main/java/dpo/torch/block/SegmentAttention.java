package dpo.torch.block;

import dpo.torch.block.PackedRows.Segment;
import java.util.Optional;

/**
 * Causal grouped-query attention of the queries of one segment, {@code softmax(cap(s q kᵀ) + mask) v}: an
 * {@link Operation} on queries {@code [length, heads, d]}, keys {@code [groups, seen, d]} and values of the shape of
 * keys, with the result {@code [length, heads, d]}.
 */
interface SegmentAttention extends Operation {

    /** How the queries of a segment attend to what they see: in tiles where the softmax would fill the memory. */
    static SegmentAttention of(Attention settings, Pass pass, int index) {
        Segment segment = pass.rows().segments().get(index);
        if (!settings.isInTiles(segment)) {
            return new WholeAttention(settings, pass.mask(index, settings.windowOf(segment), settings.heads().inGroup()));
        }
        return new TiledAttention(settings, settings.isMasked(segment)
                ? Optional.of(pass.mask(index, settings.windowOf(segment), 1))
                : Optional.empty());
    }
}
