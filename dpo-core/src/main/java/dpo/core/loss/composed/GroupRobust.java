package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.SettingException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A preference objective that is robust over preference sources: it minimises the loss of the worst one (group robust
 * preference optimisation, Ramesh et al. 2024, arXiv:2405.20304, algorithm 1).
 *
 * <pre>
 *  q_g ← q_g exp(η L_g) / Σ_h q_h exp(η L_h),   q = 1/n at first, n sources in the data set
 *  L = Σ_g q_g L_g,   L_g = 1/share_g · (1/N) Σ_{j of source g} weight_j ℓ_j,   N pairs in the step
 * </pre>
 *
 * share_g is the source's share of the training pairs ({@link Normalizer#groupShares()}). L_g is an unbiased estimate
 * of the mean loss of source g: its expectation over random steps of N pairs is that mean, and on the whole data set it
 * is equal to it. A source without a pair in the step has L_g = 0. The expected change of log q_g − log q_h is
 * therefore η times the difference of the mean losses, for every N. (The mean over a source's pairs in the step would
 * be biased: a source that is often absent would appear to have a small loss.) A rare source is updated seldom but
 * strongly: one of its pairs changes log q_g by η ℓ_j / (N share_g). For N far below 1/share_g, choose a smaller η.
 *
 * <p>The weights q are updated before the loss is computed, as in algorithm 1, and are constants in the derivative.
 * Since q_g is updated with the pairs of L_g, the two are correlated: the expectation of q_g L_g exceeds E[q_g] E[L_g]
 * by a term of order η Var[L_g]. The weights are passed from step to step as {@code group/NAME}. A weight does not fall
 * below about 1e-300, so that every source can recover.
 *
 * <p>An evaluation uses the weights of the last training step and the shares of the held-out pairs. The value is Σ_g
 * q_g L_g / Σ_g q_g over the held-out sources that the training data have, and NaN if there is none.
 *
 * <p>Differences from other code: the authors' code (with {@code divide_by_totalcount}) weights a loss by 1/share_g
 * too, but sums over the pairs of a micro-batch and updates q once per micro-batch. Its {@code step_size} is therefore
 * this one divided by the size of a micro-batch; here q is updated once per optimizer step.
 *
 * @param loss the objective of a single source; its terms must belong to single pairs
 * @param stepSize η &gt; 0 of the exponentiated gradient
 */
@Published(
        type = "groups: robust",
        formula = "Σ_g q_g L_g, q_g <- q_g exp(η L_g) / Z, L_g = (1/share_g) (1/N) Σ_{j of g} ℓ_j",
        paper = "arXiv:2405.20304, algorithm 1",
        atInitialisation = "the value of the inner objective")
public record GroupRobust(PreferenceLoss loss, double stepSize) implements Modifier {

    private static final String CARRIED = "group/";
    private static final double LEAST_WEIGHT = 1e-300;

    public GroupRobust {
        Requirement.positive("step_size", stepSize);
        if (loss.needs().contains(Need.WHOLE_STEP)) {
            throw new SettingException(
                    "groups",
                    "must be absent for an objective that couples the preferences of a step",
                    "robust",
                    "preference");
        }
    }

    /** @throws IllegalArgumentException if a group has no share in the normalizer */
    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        Map<String, LossEvaluation> ofGroup = new TreeMap<>();
        logProbs.labels()
                .all()
                .forEach(each -> ofGroup.computeIfAbsent(
                        each.group(), group -> loss.evaluate(alone(logProbs, group, normalizer), normalizer)));
        Map<String, Double> weights =
                normalizer.isEvaluation() ? standing(normalizer, ofGroup.keySet()) : moved(normalizer, ofGroup);

        double value = 0;
        TokenGradient gradient = TokenGradient.zero(logProbs.policy().shape());
        Map<TokenStatistic, TokenGradient> ofStatistics = new TreeMap<>();
        Map<String, Double> terms = new TreeMap<>();
        Map<String, Double> carried = new TreeMap<>();
        for (Map.Entry<String, Double> each : weights.entrySet()) {
            double weight = each.getValue();
            carried.put(CARRIED + each.getKey(), weight);
            LossEvaluation inGroup = ofGroup.get(each.getKey());
            if (inGroup != null) {
                value += weight * inGroup.value();
                gradient = gradient.plus(inGroup.gradient().times(weight));
                inGroup.statisticGradients()
                        .forEach((statistic, inner) ->
                                ofStatistics.merge(statistic, inner.times(weight), TokenGradient::plus));
                terms.put(CARRIED + each.getKey(), inGroup.value());
            }
        }
        return new LossEvaluation(value, gradient, ofStatistics, terms, carried);
    }

    /** The pairs of one group, with weights for which the mean over the step estimates the mean over the group. */
    private static PreferenceLogProbs alone(PreferenceLogProbs all, String group, Normalizer normalizer) {
        double share = normalizer.groupShare(group);
        return all.withWeights(all.labels().all().stream()
                .mapToDouble(each -> each.group().equals(group) ? each.weight() / share : 0)
                .toArray());
    }

    private Map<String, Double> moved(Normalizer normalizer, Map<String, LossEvaluation> ofGroup) {
        Set<String> groups = normalizer.groupShares().keySet();
        double greatest = ofGroup.values().stream()
                .mapToDouble(LossEvaluation::value)
                .reduce(groups.size() > ofGroup.size() ? 0 : Double.NEGATIVE_INFINITY, Math::max);
        Map<String, Double> weights = new TreeMap<>();
        for (String group : groups) {
            double before = normalizer.carried().getOrDefault(CARRIED + group, 1.0 / groups.size());
            double loss = ofGroup.containsKey(group) ? ofGroup.get(group).value() : 0;
            // The common factor exp(−η max L) cancels and prevents overflow.
            weights.put(group, Math.max(LEAST_WEIGHT, before * Math.exp(stepSize * (loss - greatest))));
        }
        return normalised(weights);
    }

    /** The weights of some groups after the last training step; equal weights before the first. */
    private static Map<String, Double> standing(Normalizer normalizer, Set<String> groups) {
        double otherwise = normalizer.carried().isEmpty() ? 1 : 0;
        Map<String, Double> weights = new TreeMap<>();
        groups.forEach(group -> weights.put(group, normalizer.carried().getOrDefault(CARRIED + group, otherwise)));
        return normalised(weights);
    }

    private static Map<String, Double> normalised(Map<String, Double> weights) {
        double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        weights.replaceAll((group, weight) -> weight / sum);
        return weights;
    }

    @Override
    public Set<Need> ownNeeds() {
        return Set.of(Need.WHOLE_STEP);
    }
}
