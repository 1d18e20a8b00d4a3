package dpo.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The LM head with its log-softmax: {@code log p_i = z_{i,y_i} − logsumexp_v z_{i,v}}, {@code z = h Wᵀ}.
 *
 * <p>Logits exist for a few rows at a time only, and are computed anew for the gradient, which is written out:
 * {@code ∂/∂z = g_i (1[v = y_i] − p_{i,v})}, {@code ∂/∂h = ∂/∂z · W}, {@code ∂/∂W += (∂/∂z)ᵀ h}.
 */
@SuppressWarnings("try") // scopes are opened and closed, not used
final class LanguageHead {

    /** Numbers of the largest piece of logits: 64 MiB of float32. */
    private static final long PIECE = 1L << 24;

    private final Tensor weight;
    private final long rowsInPiece;

    /** A head with the given matrix {@code [vocabulary, hidden]}. */
    LanguageHead(Tensor weight) {
        this.weight = weight;
        this.rowsInPiece = Math.max(1, PIECE / weight.size(0));
    }

    /**
     * What the head says of the scored tokens.
     *
     * @param logProbs log p, {@code [scored]}
     * @param logSumExp log of the softmax's denominator, {@code [scored]}
     */
    record Scores(Tensor logProbs, Tensor logSumExp) {}

    /**
     * Log-probabilities of tokens, in the current scope and outside of any graph.
     *
     * @param hidden {@code [scored, hidden]}
     * @param ids {@code [scored]}
     */
    Scores score(Tensor hidden, Tensor ids) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor logProbs = torch.empty_like(hidden.select(1, 0));
            Tensor logSumExp = torch.empty_like(logProbs);
            forEachPiece(hidden.size(0), (start, rows) -> {
                Tensor logits = hidden.narrow(0, start, rows).mm(weight.t());
                Tensor normalizer = logits.logsumexp(1);
                Tensor picked = logits.gather(1, ids.narrow(0, start, rows).unsqueeze(1)).squeeze(1);
                logSumExp.narrow(0, start, rows).copy_(normalizer);
                logProbs.narrow(0, start, rows).copy_(picked.sub(normalizer));
            });
            return new Scores(logProbs, logSumExp);
        }
    }

    /**
     * The gradient of {@code Σ_i g_i log p_i} with respect to the hidden states; that of the matrix is added to its own.
     *
     * @param hidden as scored
     * @param ids as scored
     * @param logSumExp of the {@link Scores}
     * @param gradient g, {@code [scored]}
     * @return {@code [scored, hidden]}, in the current scope
     */
    Tensor backward(Tensor hidden, Tensor ids, Tensor logSumExp, Tensor gradient) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor ofHidden = torch.empty_like(hidden);
            Tensor ofWeight = Gradients.of(weight);
            forEachPiece(hidden.size(0), (start, rows) -> {
                Tensor h = hidden.narrow(0, start, rows);
                Tensor g = gradient.narrow(0, start, rows).unsqueeze(1);
                Tensor ofLogits = h.mm(weight.t())
                        .sub_(logSumExp.narrow(0, start, rows).unsqueeze(1))
                        .exp_()
                        .mul_(g.neg())
                        .scatter_add_(1, ids.narrow(0, start, rows).unsqueeze(1), g);
                ofHidden.narrow(0, start, rows).copy_(ofLogits.mm(weight));
                ofWeight.addmm_(ofLogits.t(), h, new Scalar(1.0), new Scalar(1.0));
            });
            return ofHidden;
        }
    }

    private interface PieceAction {
        void apply(long start, long rows);
    }

    private void forEachPiece(long rows, PieceAction action) {
        for (long start = 0; start < rows; start += rowsInPiece) {
            try (PointerScope scope = new PointerScope()) {
                action.apply(start, Math.min(rowsInPiece, rows - start));
            }
        }
    }
}
