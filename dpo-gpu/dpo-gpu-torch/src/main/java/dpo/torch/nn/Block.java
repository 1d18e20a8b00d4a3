package dpo.torch.nn;

import dpo.torch.layout.PackedRows;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** A sublayer of the decoder, attention or a feed-forward network, whose output is added to the residual stream. */
public interface Block {

    /** Its projections, in the order in which their parameters are initialized and saved. */
    Stream<Projection> projections();

    /** Its parameters, those of the projections first. */
    default Stream<Parameter> parameters() {
        return projections().flatMap(Projection::parameters);
    }

    /**
     * Its output, in libtorch's graph.
     *
     * @param input the normalized residual stream, {@code [packed, hidden]}
     * @param context of the forward pass
     * @return {@code [packed, hidden]}
     */
    Tensor apply(Tensor input, ForwardContext context);

    /**
     * The activations saved for the backward pass besides the input; by default, input and output of every projection.
     */
    default SavedActivations savedActivations(PackedRows rows) {
        return SavedActivations.ofMatMuls(rows.tokens()
                * projections()
                        .mapToLong(projection -> (long) projection.in() + projection.out())
                        .sum());
    }

    /** The values shared with all blocks of the pass that need the same, by key. */
    default Map<Object, SavedActivations> sharedActivations(PackedRows rows) {
        return Map.of();
    }
}
