package dpo.core.loss;

/**
 * A pairwise objective that depends on a pair only through its margin Δ = c_w − c_l. A common constant of both scores
 * cancels, so the objective is defined for every {@link Divergence}, whose scores are known up to a constant.
 */
public interface MarginLoss extends PairwiseLoss {

    /**
     * ℓ and its derivative at a margin.
     *
     * @param margin Δ, nats
     */
    MarginTerm at(double margin);

    /**
     * ℓ at one margin.
     *
     * @param value ℓ(Δ)
     * @param slope dℓ/dΔ
     */
    record MarginTerm(double value, double slope) {}

    @Override
    default PairTerm pair(Pair pair) {
        MarginTerm term = at(pair.margin());
        return PairTerm.ofMargin(term.value(), term.slope());
    }
}
