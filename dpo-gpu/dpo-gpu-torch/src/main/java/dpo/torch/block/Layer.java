package dpo.torch.block;

import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of the decoder: {@code x ← x + attention(x)}, {@code x ← x + feedForward(x)}, or both of the same x.
 *
 * @param attention first branch
 * @param feedForward second branch
 * @param parallel whether the second branch sees the stream as it was before the first one
 */
public record Layer(Branch attention, Branch feedForward, boolean parallel) {

    /** A layer whose branches follow each other. */
    public static Layer of(Branch attention, Branch feedForward) {
        return new Layer(attention, feedForward, false);
    }

    /** The projections of both branches. */
    public Stream<Projection> projections() {
        return Stream.of(attention, feedForward).flatMap(branch -> branch.block().projections());
    }

    /** Projections and then norms. */
    Stream<Parameter> parameters() {
        return Stream.of(
                        attention.block().parameters(),
                        feedForward.block().parameters(),
                        attention.normParameters(),
                        feedForward.normParameters())
                .flatMap(parameters -> parameters);
    }

    /** What a pass keeps of it for the gradient: two streams of this width, and what the branches keep. */
    Kept kept(PackedRows rows, int width) {
        return Kept.wide(2L * rows.tokens() * width).plus(attention.kept(rows)).plus(feedForward.kept(rows));
    }

    /** As {@link Block#keptOnce}. */
    Stream<Map.Entry<Object, Kept>> keptOnce(PackedRows rows) {
        return Stream.of(attention, feedForward)
                .flatMap(branch -> branch.block().keptOnce(rows).entrySet().stream());
    }

    /**
     * The stream behind the layer.
     *
     * @param stream {@code [packed, hidden]}
     * @return {@code [packed, hidden]}
     */
    public Tensor apply(Tensor stream, Pass pass) {
        Tensor input = pass.weights().fork(stream);
        Tensor attended = pass.weights().fork(input.add(attention.apply(input, pass)));
        return attended.add(feedForward.apply(parallel ? input : attended, pass));
    }
}
