package dpo.torch.nn;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The embedding of tokens, {@code scale · E[id] + P[position]}. The padding id is trained like any other token wherever
 * it occurs in the text; transformers leaves out its gradient.
 *
 * @param tokens name of the matrix E, {@code [vocabulary, hidden]}
 * @param scale 1, or {@code √hidden} in the Gemma families
 * @param positions name of the matrix P of learned positions, {@code [length, hidden]}; empty for models whose
 *     attention encodes positions
 */
public record Embedding(String tokens, double scale, Optional<String> positions) {

    /** The unscaled rows of the named matrix. */
    public static Embedding of(String tokens) {
        return new Embedding(tokens, 1, Optional.empty());
    }

    /**
     * The first value of the residual stream, in libtorch's graph. The graph begins after the look-up of E, whose
     * gradient the forward pass writes out.
     *
     * @param rows {@code E[id]}, {@code [packed, hidden]}
     * @return {@code [packed, hidden]}
     */
    public Tensor apply(Tensor rows, ForwardContext context) {
        Tensor scaled = scale == 1 ? rows : rows.mul(new Scalar(scale));
        return positions
                .map(name -> scaled.add(torch.embedding(context.parameter(name), context.positions())))
                .orElse(scaled);
    }
}
