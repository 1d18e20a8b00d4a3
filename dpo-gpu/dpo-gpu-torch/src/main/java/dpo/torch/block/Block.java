package dpo.torch.block;

import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** What a layer adds to its residual stream: attention or a feed-forward network. */
public interface Block {

    /** Its projections, in the order in which their parameters are initialised and saved. */
    Stream<Projection> projections();

    /** Its parameters, those of the projections first. */
    default Stream<Parameter> parameters() {
        return projections().flatMap(Projection::parameters);
    }

    /**
     * Its output, in libtorch's graph.
     *
     * @param input normalised stream, {@code [packed, hidden]}
     * @param pass the rows, and the weights to compute with
     * @return {@code [packed, hidden]}
     */
    Tensor apply(Tensor input, Pass pass);

    /** What a pass keeps of it for the gradient, its input apart: input and output of every projection. */
    default Kept kept(PackedRows rows) {
        return Kept.ofProducts(rows.tokens()
                * projections().mapToLong(projection -> (long) projection.in() + projection.out()).sum());
    }

    /** What a pass makes once for all blocks that need the same, by what that is. */
    default Map<Object, Kept> keptOnce(PackedRows rows) {
        return Map.of();
    }
}
