package dpo.torch.block;

import java.util.Optional;

/**
 * From the last hidden states to logits: {@code z = h Wᵀ}, capped where the family does so.
 *
 * @param matrix name of W, {@code [vocabulary, hidden]}; that of the token embedding where the two are tied
 * @param softCap bound of the logits
 */
public record Head(String matrix, Optional<SoftCap> softCap) {

    /** A head without a cap. */
    public static Head of(String matrix) {
        return new Head(matrix, Optional.empty());
    }
}
