package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A preference objective over several preference sources: {@code L = Σ_i w_i · L^i}, where L^i is the mean of the loss
 * over the pairs of source i.
 *
 * <p>Pair j of source i gets the factor {@code w_i / share_i}, where share_i is the source's share of the data set
 * ({@link Normalizer#groupShares()}). On a whole data set this is exactly Σ_i w_i L^i; on a random optimizer step it
 * is an unbiased estimate of it, also where a source is absent from the step.
 *
 * @param loss the objective of a single source
 * @param weights w_i of each source, finite and at least 0
 */
public record GroupWeighted(PreferenceLoss loss, Map<String, Double> weights) implements PreferenceLoss {

    public GroupWeighted {
        weights = new TreeMap<>(weights);
        weights.forEach((group, weight) -> {
            if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "group weight must be finite and at least 0, got " + weight + " (group " + group + ")");
            }
        });
    }

    /** @throws IllegalArgumentException where a pair's group has no weight, or no share in the normalizer */
    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        Double[] weighted = new Double[logProbs.pairs()];
        for (int j = 0; j < weighted.length; j++) {
            String group = logProbs.groups().get(j);
            weighted[j] = logProbs.weights().get(j)
                    * required(weights, group, "a weight")
                    / required(normalizer.groupShares(), group, "a share of the data set");
        }
        return loss.evaluate(logProbs.withWeights(List.of(weighted)), normalizer);
    }

    private static double required(Map<String, Double> values, String group, String what) {
        Double value = values.get(group);
        if (value == null) {
            throw new IllegalArgumentException(
                    "group must have " + what + ", got " + group + " (known: " + values.keySet() + ")");
        }
        return value;
    }

    @Override
    public OptionalDouble rewardScale() {
        return loss.rewardScale();
    }
}
