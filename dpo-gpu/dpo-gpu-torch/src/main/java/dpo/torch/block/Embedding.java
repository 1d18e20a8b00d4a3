package dpo.torch.block;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the residual stream begins with: {@code scale · E[id] + P[position]}. Every id that is read adds to the
 * gradient of its row; transformers leaves out that of the padding id, even where it is a token of the text.
 *
 * @param tokens name of the matrix E, {@code [vocabulary, hidden]}
 * @param scale 1, or {@code √hidden} in the Gemma families
 * @param positions name of the matrix P of learned positions, {@code [length, hidden]}; none for models whose attention
 *     knows the positions
 */
public record Embedding(String tokens, double scale, Optional<String> positions) {

    /** The rows of a matrix of this name, as they are. */
    public static Embedding of(String tokens) {
        return new Embedding(tokens, 1, Optional.empty());
    }

    /**
     * The beginning of the stream, in libtorch's graph. That graph begins behind the look-up of E, whose gradient is
     * written out by the forward pass.
     *
     * @param rows {@code E[id]}, {@code [packed, hidden]}
     * @return {@code [packed, hidden]}
     */
    public Tensor apply(Tensor rows, Pass pass) {
        Tensor scaled = scale == 1 ? rows : rows.mul(new Scalar(scale));
        return positions
                .map(name -> scaled.add(torch.embedding(pass.weights().get(name), pass.positions())))
                .orElse(scaled);
    }
}
