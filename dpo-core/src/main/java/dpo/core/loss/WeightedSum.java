package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A weighted sum of objectives: {@code L = Σ_k weight_k · L_k}, e.g. MPO (arXiv:2411.10442) or L_pref + w·L_SFT.
 *
 * @param terms the terms in order, at least one, names distinct
 */
public record WeightedSum(List<Term> terms) implements PreferenceLoss {

    /**
     * One term.
     *
     * @param name name under which the term's own value is recorded
     * @param weight finite factor
     * @param loss the objective
     */
    public record Term(String name, double weight, PreferenceLoss loss) {

        public Term {
            if (!Double.isFinite(weight)) {
                throw new IllegalArgumentException("weight must be finite, got " + weight + " (term " + name + ")");
            }
        }
    }

    public WeightedSum {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("terms must hold at least one objective, got none");
        }
        if (terms.stream().map(Term::name).distinct().count() != terms.size()) {
            throw new IllegalArgumentException(
                    "names of terms must be distinct, got " + terms.stream().map(Term::name).toList());
        }
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        double value = 0;
        TokenGradient chosen = TokenGradient.zero(logProbs.policyChosen().shape());
        TokenGradient rejected = TokenGradient.zero(logProbs.policyRejected().shape());
        Map<String, Double> values = new LinkedHashMap<>();
        for (Term term : terms) {
            LossEvaluation part = term.loss().evaluate(logProbs, normalizer);
            value += term.weight() * part.value();
            chosen = chosen.plus(part.chosen().times(term.weight()));
            rejected = rejected.plus(part.rejected().times(term.weight()));
            values.put(term.name(), part.value());
            part.terms().forEach((inner, innerValue) -> values.put(term.name() + "/" + inner, innerValue));
        }
        return new LossEvaluation(value, chosen, rejected, values);
    }

    /** The β of the first term that has one. */
    @Override
    public OptionalDouble rewardScale() {
        return terms.stream()
                .map(term -> term.loss().rewardScale())
                .filter(OptionalDouble::isPresent)
                .findFirst()
                .orElse(OptionalDouble.empty());
    }
}
