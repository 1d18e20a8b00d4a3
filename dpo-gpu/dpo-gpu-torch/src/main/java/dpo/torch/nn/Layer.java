package dpo.torch.nn;

import dpo.torch.layout.PackedRows;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of the decoder: {@code x ← x + attention(x)}, {@code x ← x + feedForward(x)}, or both of the same x.
 *
 * @param attention first branch
 * @param feedForward second branch
 * @param parallel whether both branches have the same input, as in GPT-NeoX
 */
public record Layer(Branch attention, Branch feedForward, boolean parallel) {

    /** A layer with one branch after the other. */
    public static Layer of(Branch attention, Branch feedForward) {
        return new Layer(attention, feedForward, false);
    }

    /** The projections of both branches. */
    public Stream<Projection> projections() {
        return Stream.of(attention, feedForward)
                .flatMap(branch -> branch.block().projections());
    }

    /** The parameters of the projections, then those of the norms. */
    Stream<Parameter> parameters() {
        return Stream.of(
                        attention.block().parameters(),
                        feedForward.block().parameters(),
                        attention.normParameters(),
                        feedForward.normParameters())
                .flatMap(parameters -> parameters);
    }

    /**
     * The activations saved for the backward pass: the residual stream of this width twice, and those of the branches.
     */
    SavedActivations savedActivations(PackedRows rows, int width) {
        return SavedActivations.inFloat32(2L * rows.tokens() * width)
                .plus(attention.savedActivations(rows))
                .plus(feedForward.savedActivations(rows));
    }

    /** See {@link Block#sharedActivations}. */
    Stream<Map.Entry<Object, SavedActivations>> sharedActivations(PackedRows rows) {
        return Stream.of(attention, feedForward)
                .flatMap(branch -> branch.block().sharedActivations(rows).entrySet().stream());
    }

    /**
     * The residual stream after the layer.
     *
     * @param stream {@code [packed, hidden]}
     * @return {@code [packed, hidden]}
     */
    public Tensor apply(Tensor stream, ForwardContext context) {
        Tensor input = context.fork(stream);
        Tensor attended = context.fork(input.add(attention.apply(input, context)));
        return attended.add(feedForward.apply(parallel ? input : attended, context));
    }
}
