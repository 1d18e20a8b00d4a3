package dpo.torch.nn.attention;

import dpo.torch.autograd.Operation;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import java.util.Optional;

/**
 * Causal grouped-query attention of the queries of one segment, {@code softmax(cap(s q kᵀ) + mask) v}: an
 * {@link Operation} on queries {@code [length, heads, d]}, and keys and values {@code [groups, seen, d]}, with the
 * result {@code [length, heads, d]}.
 */
interface SegmentAttention extends Operation {

    /** The kernel for a segment: tiled if its softmax would take too much memory. */
    static SegmentAttention of(Attention settings, ForwardContext context, Segment segment) {
        if (!settings.isTiled(segment)) {
            return new EagerAttention(
                    settings,
                    new CausalMask(
                                    segment,
                                    settings.windowOf(segment),
                                    settings.heads().inGroup())
                            .of(context));
        }
        return new TiledAttention(
                settings,
                settings.isMasked(segment)
                        ? Optional.of(new CausalMask(segment, settings.windowOf(segment), 1).of(context))
                        : Optional.empty());
    }
}
