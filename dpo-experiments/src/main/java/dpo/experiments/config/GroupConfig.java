package dpo.experiments.config;

import dpo.core.setting.Setting;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weights of preference sources.
 *
 * @param weights w_i of every source in the data
 * @param normalise whether the weights are divided by their sum
 */
public record GroupConfig(
        @Setting(about = "w_i >= 0 of every preference source") Map<String, Double> weights,
        @Setting(about = "divide the weights by their sum", byDefault = "false") boolean normalise) {

    public GroupConfig {
        weights = new TreeMap<>(weights);
        weights.forEach((group, weight) -> {
            if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "weights must be finite and at least 0, got " + weight + " for " + group);
            }
        });
        if (weights.values().stream().mapToDouble(Double::doubleValue).sum() == 0) {
            throw new IllegalArgumentException("weights must have a positive sum, got " + weights);
        }
    }

    /** The weights that enter the objective. */
    Map<String, Double> effectiveWeights() {
        if (!normalise) {
            return weights;
        }
        double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        Map<String, Double> normalised = new TreeMap<>(weights);
        normalised.replaceAll((group, weight) -> weight / sum);
        return normalised;
    }
}
