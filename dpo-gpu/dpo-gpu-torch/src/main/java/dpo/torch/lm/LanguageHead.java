package dpo.torch.lm;

import dpo.core.backend.TokenScores;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.torch.autograd.Gradients;
import dpo.torch.compute.MatMul;
import dpo.torch.nn.SoftCap;
import dpo.torch.tensor.Tensors;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The LM head with its log-softmax: {@code log p_i = z_{i,y_i} − logsumexp_v z_{i,v}}, {@code z = h Wᵀ}, or
 * {@code z = c tanh(h Wᵀ / c)} in families with a soft cap.
 *
 * <p>Logits are float32 and exist only for a chunk of rows at a time. The backward pass recomputes them, with the
 * gradient written out: {@code ∂/∂z_{i,v} = g_i (1[v = y_i] − p_{i,v}) + k_i (p_{i,v} − p_ref,{i,v})}, where k is the
 * gradient with respect to the divergence {@code Σ_v p_ref (log p_ref − log p)} from a reference. If W is frozen,
 * {@code ∂ log p_i / ∂ h_i} is computed in the forward pass, while the logits exist, and they are not recomputed.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class LanguageHead {

    /** Numbers in a chunk of logits: 64 MiB of float32. */
    public static final long CHUNK = 1L << 24;

    private final Tensor weight;
    private final Optional<SoftCap> softCap;
    private final MatMul matMul;
    private final long rowsInChunk;

    /** A head with a float32 matrix {@code [vocabulary, hidden]}, trained if it requires a gradient. */
    LanguageHead(Tensor weight, Optional<SoftCap> softCap, MatMul matMul) {
        this(weight, softCap, matMul, CHUNK);
    }

    /** This head with another number of logits in a chunk. */
    LanguageHead(Tensor weight, Optional<SoftCap> softCap, MatMul matMul, long chunk) {
        this.weight = weight;
        this.softCap = softCap;
        this.matMul = matMul;
        this.rowsInChunk = Math.max(1, chunk / weight.size(0));
    }

    /**
     * The results for the scored tokens.
     *
     * @param logProbs log p, {@code [scored]}
     * @param logSumExp log of the softmax's denominator, {@code [scored]}
     * @param statistics the requested ones, {@code [scored]} each
     * @param slopes {@code ∂ log p_i / ∂ h_i}, {@code [scored, hidden]}, if a gradient needs nothing else
     */
    public record Scores(
            Tensor logProbs, Tensor logSumExp, Map<TokenStatistic, Tensor> statistics, Optional<Tensor> slopes) {

        /** Log-probs and statistics in the rows of a shape, as doubles. */
        public TokenScores byRows(TokenShape shape) {
            Map<TokenStatistic, TokenLogProbs> byRows = new EnumMap<>(TokenStatistic.class);
            statistics.forEach(
                    (statistic, values) -> byRows.put(statistic, TokenLogProbs.of(shape, Tensors.toDoubles(values))));
            return new TokenScores(TokenLogProbs.of(shape, Tensors.toDoubles(logProbs)), byRows);
        }
    }

    /**
     * A reference model at the same scored tokens.
     *
     * @param head of the reference
     * @param hidden last hidden states of the reference, {@code [scored, hidden]}, outside any graph
     */
    public record Reference(LanguageHead head, Tensor hidden) {

        Reference chunk(long start, long rows) {
            return new Reference(head, hidden.narrow(0, start, rows));
        }

        /**
         * log p_ref, {@code [scored, vocabulary]}, by the same operations as log p: for equal models the divergence is
         * 0.
         */
        Tensor logProbs() {
            Tensor logits = head.logits(hidden);
            return logits.sub_(logits.logsumexp(1).unsqueeze(1));
        }
    }

    /**
     * The gradient of a loss with respect to the divergence from a reference.
     *
     * @param gradient k, {@code [scored]}
     */
    public record OfDivergence(Reference reference, Tensor gradient) {

        OfDivergence chunk(long start, long rows) {
            return new OfDivergence(reference.chunk(start, rows), gradient.narrow(0, start, rows));
        }
    }

    /**
     * Log-probabilities of tokens, in the current scope and outside any graph.
     *
     * @param hidden {@code [scored, hidden]}
     * @param ids {@code [scored]}
     * @param requested statistics of the whole distribution
     * @param reference of the divergence, if that is requested
     * @param forGradient whether {@link #backward} will be called
     */
    public Scores score(
            Tensor hidden,
            Tensor ids,
            Set<TokenStatistic> requested,
            Optional<Reference> reference,
            boolean forGradient) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor logProbs = torch.empty_like(hidden.select(1, 0));
            Tensor logSumExp = torch.empty_like(logProbs);
            Map<TokenStatistic, Tensor> statistics = new EnumMap<>(TokenStatistic.class);
            requested.forEach(statistic -> statistics.put(statistic, torch.empty_like(logProbs)));
            Optional<Tensor> slopes = forGradient && reference.isEmpty() && !weight.requires_grad()
                    ? Optional.of(torch.empty_like(hidden))
                    : Optional.empty();
            forEachChunk(hidden.size(0), (start, rows) -> {
                Tensor logits = logits(hidden.narrow(0, start, rows));
                Tensor normalizer = logits.logsumexp(1);
                Tensor picked = logits.gather(1, ids.narrow(0, start, rows).unsqueeze(1))
                        .squeeze(1);
                logSumExp.narrow(0, start, rows).copy_(normalizer);
                logProbs.narrow(0, start, rows).copy_(picked.sub(normalizer));
                statistics.forEach((statistic, values) -> values.narrow(0, start, rows)
                        .copy_(
                                switch (statistic) {
                                    case LOG_SUM_SQUARED_PROBS -> logSumSquaredProbs(logits, normalizer);
                                    case REFERENCE_KL ->
                                        divergence(reference.orElseThrow().chunk(start, rows), logits, normalizer);
                                }));
                slopes.ifPresent(all -> all.narrow(0, start, rows)
                        .copy_(slopes(
                                logits,
                                normalizer.unsqueeze(1),
                                ids.narrow(0, start, rows).unsqueeze(1))));
            });
            return new Scores(logProbs, logSumExp, statistics, slopes);
        }
    }

    private static Tensor logSumSquaredProbs(Tensor logits, Tensor normalizer) {
        Scalar two = new Scalar(2.0);
        return logits.mul(two).logsumexp(1).sub(normalizer.mul(two));
    }

    private static Tensor divergence(Reference reference, Tensor logits, Tensor normalizer) {
        Tensor ofReference = reference.logProbs();
        Tensor apart = ofReference.sub(logits.sub(normalizer.unsqueeze(1)));
        return ofReference.exp_().mul_(apart).sum(1);
    }

    /** {@code Σ_v (1[v = y] − p_v) ∂z_v/∂h}; overwrites the logits. */
    private Tensor slopes(Tensor logits, Tensor logSumExp, Tensor ids) {
        Optional<Tensor> ofCap = softCap.map(cap -> cap.slope(logits));
        Tensor ofLogits = logitGradient(logits, logSumExp, ids, torch.ones_like(logSumExp), Optional.empty());
        ofCap.ifPresent(ofLogits::mul_);
        return matMul.linear(ofLogits, weight.detach().t());
    }

    /**
     * The gradient of {@code Σ_i (g_i log p_i + k_i KL_i)} with respect to the hidden states; the gradient of the
     * matrix is added to the one stored with it.
     *
     * @param hidden as in {@link #score}
     * @param ids as in {@link #score}
     * @param scores the result of {@link #score}
     * @param gradient g, {@code [scored]}
     * @param ofDivergence k, and the reference as in {@link #score}; empty if k is 0
     * @return {@code [scored, hidden]}, in the current scope
     */
    public Tensor backward(
            Tensor hidden, Tensor ids, Scores scores, Tensor gradient, Optional<OfDivergence> ofDivergence) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            if (scores.slopes().isPresent()) {
                return scores.slopes().get().mul(gradient.unsqueeze(1));
            }
            Tensor ofHidden = torch.empty_like(hidden);
            forEachChunk(hidden.size(0), (start, rows) -> {
                Tensor states = hidden.narrow(0, start, rows);
                Tensor logits = logits(states);
                Optional<Tensor> ofCap = softCap.map(cap -> cap.slope(logits));
                Tensor ofLogits = logitGradient(
                        logits,
                        scores.logSumExp().narrow(0, start, rows).unsqueeze(1),
                        ids.narrow(0, start, rows).unsqueeze(1),
                        gradient.narrow(0, start, rows).unsqueeze(1),
                        ofDivergence.map(whole -> whole.chunk(start, rows)));
                ofCap.ifPresent(ofLogits::mul_);
                if (weight.requires_grad()) {
                    Gradients.add(weight, matMul.overRows(ofLogits, states));
                }
                ofHidden.narrow(0, start, rows)
                        .copy_(matMul.linear(ofLogits, weight.detach().t()));
            });
            return ofHidden;
        }
    }

    /** {@code g (1[v = y] − p) + k (p − p_ref)}; overwrites the logits. */
    private static Tensor logitGradient(
            Tensor logits, Tensor logSumExp, Tensor ids, Tensor gradient, Optional<OfDivergence> ofDivergence) {
        Tensor probs = logits.sub_(logSumExp).exp_();
        if (ofDivergence.isEmpty()) {
            return probs.mul_(gradient.neg()).scatter_add_(1, ids, gradient);
        }
        Tensor slope = ofDivergence.get().gradient().unsqueeze(1);
        Tensor ofReference = ofDivergence.get().reference().logProbs().exp_().mul_(slope);
        return probs.mul_(slope.sub(gradient)).sub_(ofReference).scatter_add_(1, ids, gradient);
    }

    /** Logits of last hidden states {@code [rows, hidden]}: {@code [rows, vocabulary]}. */
    public Tensor logits(Tensor hidden) {
        Tensor logits = matMul.linear(hidden, weight.detach());
        return softCap.map(cap -> cap.applyTo(logits)).orElse(logits);
    }

    private interface ChunkAction {
        void apply(long start, long rows);
    }

    private void forEachChunk(long rows, ChunkAction action) {
        for (long start = 0; start < rows; start += rowsInChunk) {
            try (PointerScope scope = new PointerScope()) {
                action.apply(start, Math.min(rowsInChunk, rows - start));
            }
        }
    }
}
