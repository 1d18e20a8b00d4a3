package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.sequence.Label;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A weighted sum of objectives: {@code L = Σ_k weight_k · L_k}, e.g. MPO (arXiv:2411.10442) or L_pref + w·L_SFT.
 *
 * @param terms the terms in order, at least one, names distinct
 */
public record WeightedSum(List<Term> terms) implements PreferenceLoss {

    /**
     * One term.
     *
     * @param name name of the term's value in the metrics
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
            throw new IllegalArgumentException("names of terms must be distinct, got "
                    + terms.stream().map(Term::name).toList());
        }
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        double value = 0;
        TokenGradient gradient = TokenGradient.zero(logProbs.policy().shape());
        Map<TokenStatistic, TokenGradient> ofStatistics = new TreeMap<>();
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Double> carried = new LinkedHashMap<>();
        for (Term term : terms) {
            String prefix = term.name() + "/";
            LossEvaluation part =
                    term.loss().evaluate(logProbs, normalizer.carrying(within(prefix, normalizer.carried())));
            value += term.weight() * part.value();
            gradient = gradient.plus(part.gradient().times(term.weight()));
            part.statisticGradients()
                    .forEach((statistic, inner) ->
                            ofStatistics.merge(statistic, inner.times(term.weight()), TokenGradient::plus));
            values.put(term.name(), part.value());
            part.terms().forEach((name, inner) -> values.put(prefix + name, inner));
            part.carried().forEach((name, number) -> carried.put(prefix + name, number));
        }
        return new LossEvaluation(value, gradient, ofStatistics, values, carried);
    }

    private static Map<String, Double> within(String prefix, Map<String, Double> carried) {
        Map<String, Double> inner = new LinkedHashMap<>();
        carried.forEach((name, number) -> {
            if (name.startsWith(prefix)) {
                inner.put(name.substring(prefix.length()), number);
            }
        });
        return inner;
    }

    @Override
    public boolean usesReference() {
        return terms.stream().anyMatch(term -> term.loss().usesReference());
    }

    @Override
    public Set<Need> needs() {
        return terms.stream()
                .flatMap(term -> term.loss().needs().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void requireUsable(Label label) {
        terms.forEach(term -> term.loss().requireUsable(label));
    }

    /**
     * The rewards of the first term that compares completions: its weight is not 0 and it is not {@code sft}, unless no
     * term qualifies.
     */
    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        List<PreferenceLoss> comparing = comparing();
        return (comparing.isEmpty() ? terms.get(0).loss() : comparing.get(0)).rewards(logProbs);
    }

    /** The probability of the only term that compares completions; empty for several terms. */
    @Override
    public OptionalDouble probability(double margin) {
        List<PreferenceLoss> comparing = comparing();
        return comparing.size() == 1 ? comparing.get(0).probability(margin) : OptionalDouble.empty();
    }

    private List<PreferenceLoss> comparing() {
        return terms.stream()
                .filter(term -> term.weight() != 0)
                .map(Term::loss)
                .filter(loss -> !(loss instanceof SftLoss))
                .toList();
    }
}
