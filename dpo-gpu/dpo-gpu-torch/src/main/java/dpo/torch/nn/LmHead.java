package dpo.torch.nn;

import java.util.Optional;

/**
 * The LM head, from last hidden states to logits: {@code z = h Wᵀ}, soft-capped in some families.
 *
 * @param matrix name of W, {@code [vocabulary, hidden]}; the token embedding's name if the two are tied
 * @param softCap bound of the logits
 */
public record LmHead(String matrix, Optional<SoftCap> softCap) {

    /** A head without a soft cap. */
    public static LmHead of(String matrix) {
        return new LmHead(matrix, Optional.empty());
    }
}
