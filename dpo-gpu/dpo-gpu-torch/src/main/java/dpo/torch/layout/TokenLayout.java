package dpo.torch.layout;

import java.util.List;
import java.util.Optional;

/**
 * The tokens of one forward pass, in the order in which they are computed. There are two layouts: {@link PackedRows}
 * holds whole sequences, {@link NextTokens} one new token per sequence while completions are generated.
 */
public interface TokenLayout {

    /** Token ids, {@code [packed]}. */
    long[] ids();

    /** Position of each token in its sequence, {@code [packed]}. */
    long[] positions();

    /** Index of each token whose hidden state predicts a token of interest, {@code [scored]}. */
    long[] predictors();

    /** The tokens as packed rows; empty if the earlier tokens of the sequences are not among them. */
    Optional<PackedRows> packed();

    /**
     * At most this many parts of about equal size, which depend on no token of each other, in the order of the tokens of
     * interest; the layout itself if it cannot be divided, or if too many tokens would belong to several parts.
     */
    default List<? extends TokenLayout> parts(int most) {
        return List.of(this);
    }

    /**
     * The tokens as packed rows, for a block that needs whole sequences.
     *
     * @throws IllegalArgumentException while completions are generated token by token
     */
    default PackedRows requirePacked() {
        return packed().orElseThrow(() ->
                new IllegalArgumentException("sampling requires a model whose tokens depend on each other only through"
                        + " dpo.torch.nn.attention.Attention, got a block that needs whole sequences"));
    }
}
