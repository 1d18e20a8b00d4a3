package dpo.core.loss.composed;

import dpo.core.loss.Normalizer;
import java.util.Map;
import java.util.TreeMap;

/** The weight w_i of each preference source in {@code Σ_i w_i · L^i}. */
public sealed interface GroupWeights {

    /**
     * The weight of a source.
     *
     * @param group its name
     * @param normalizer has the share of each source in the data set
     * @throws IllegalArgumentException if the source has no weight
     */
    double weight(String group, Normalizer normalizer);

    /** {@code w_i = 1/n} for n sources: every source has the same weight, regardless of its number of pairs. */
    record Equal() implements GroupWeights {
        @Override
        public double weight(String group, Normalizer normalizer) {
            return 1.0 / normalizer.groupShares().size();
        }
    }

    /** {@code w_i} = share of source i in the data set: every pair has the same weight. */
    record BySize() implements GroupWeights {
        @Override
        public double weight(String group, Normalizer normalizer) {
            return normalizer.groupShare(group);
        }
    }

    /**
     * Given weights.
     *
     * @param weights w_i of each source, finite and at least 0
     */
    record Own(Map<String, Double> weights) implements GroupWeights {

        public Own {
            weights = new TreeMap<>(weights);
            weights.forEach((group, weight) -> {
                if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException(
                            "group weight must be finite and at least 0, got " + weight + " (group " + group + ")");
                }
            });
        }

        @Override
        public double weight(String group, Normalizer normalizer) {
            Double weight = weights.get(group);
            if (weight == null) {
                throw new IllegalArgumentException(
                        "group must have a weight, got " + group + " (known: " + weights.keySet() + ")");
            }
            return weight;
        }
    }
}
