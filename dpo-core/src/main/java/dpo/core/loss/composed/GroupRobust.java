package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Judgement;
import dpo.core.setting.Requirement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A preference objective that is robust over preference sources: it minimises the loss of the worst one (group robust
 * preference optimisation, Ramesh et al. 2024, arXiv:2405.20304, algorithm 1).
 *
 * <pre>
 *  q_g ← q_g exp(η L_g) / Σ_h q_h exp(η L_h),   q = 1/n at first
 *  L = Σ_g q_g L_g,   L_g the mean loss of the step's pairs of source g
 * </pre>
 *
 * The weights q are moved first and then held constant in the derivative. They are carried from step to step as
 * {@code group/NAME}. A source that is absent from a step has no loss there: its weight is kept, up to the common
 * normalisation, and adds nothing to the value.
 *
 * @param loss the objective of a single source
 * @param stepSize η &gt; 0 of the exponentiated gradient
 */
@Published(
        type = "groups: robust",
        formula = "Σ_g q_g L_g, q_g <- q_g exp(η L_g) / Z",
        paper = "arXiv:2405.20304, algorithm 1",
        atInitialisation = "that of the objective within")
public record GroupRobust(PreferenceLoss loss, double stepSize) implements Modifier {

    private static final String CARRIED = "group/";

    public GroupRobust {
        Requirement.positive("step_size", stepSize);
        if (loss.needs().contains(Need.WHOLE_STEP)) {
            throw new IllegalArgumentException("groups must be absent for an objective that couples the preferences of a"
                    + " step, got robust");
        }
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        Map<String, LossEvaluation> ofGroup = new TreeMap<>();
        Map<String, Long> sizes = new TreeMap<>();
        logProbs.judgements().all().forEach(each -> sizes.merge(each.group(), 1L, Long::sum));
        sizes.forEach((group, size) -> ofGroup.put(
                group, loss.evaluate(alone(logProbs, group, (double) logProbs.size() / size), normalizer)));

        Map<String, Double> weights = moved(normalizer, ofGroup);
        double value = 0;
        TokenGradient gradient = TokenGradient.zero(logProbs.policy().shape());
        Map<TokenStatistic, TokenGradient> ofStatistics = new TreeMap<>();
        Map<String, Double> terms = new LinkedHashMap<>();
        for (Map.Entry<String, LossEvaluation> each : ofGroup.entrySet()) {
            double weight = weights.get(each.getKey());
            value += weight * each.getValue().value();
            gradient = gradient.plus(each.getValue().gradient().times(weight));
            each.getValue().statisticGradients().forEach((statistic, inner) ->
                    ofStatistics.merge(statistic, inner.times(weight), TokenGradient::plus));
            terms.put(CARRIED + each.getKey(), each.getValue().value());
        }
        Map<String, Double> carried = new LinkedHashMap<>();
        weights.forEach((group, weight) -> carried.put(CARRIED + group, weight));
        return new LossEvaluation(value, gradient, ofStatistics, terms, carried);
    }

    /** The pairs of one group, whose mean is taken over them alone. */
    private static PreferenceLogProbs alone(PreferenceLogProbs all, String group, double factor) {
        double[] weights = new double[all.size()];
        for (int j = 0; j < weights.length; j++) {
            Judgement judgement = all.judgements().get(j);
            weights[j] = judgement.group().equals(group) ? judgement.weight() * factor : 0;
        }
        return all.withWeights(weights);
    }

    private Map<String, Double> moved(Normalizer normalizer, Map<String, LossEvaluation> ofGroup) {
        Set<String> groups = new TreeSet<>(normalizer.groupShares().keySet());
        groups.addAll(ofGroup.keySet());
        double greatest = ofGroup.values().stream()
                .mapToDouble(LossEvaluation::value)
                .reduce(0, Math::max);
        Map<String, Double> weights = new TreeMap<>();
        for (String group : groups) {
            double before = normalizer.carried().getOrDefault(CARRIED + group, 1.0 / groups.size());
            double loss = ofGroup.containsKey(group) ? ofGroup.get(group).value() : 0;
            // The common factor exp(−η max L) drops out, and keeps the exponential from overflowing.
            weights.put(group, before * Math.exp(stepSize * (loss - greatest)));
        }
        double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        weights.replaceAll((group, weight) -> weight / sum);
        return weights;
    }

    @Override
    public Set<Need> ownNeeds() {
        return Set.of(Need.WHOLE_STEP);
    }
}
