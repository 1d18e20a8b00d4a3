package dpo.core.loss;

/**
 * A pairwise objective that sees a pair through its margin Δ = c_w − c_l alone. What both scores share cancels, so it is
 * defined for every {@link Divergence}, whose scores are known up to such a constant.
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
