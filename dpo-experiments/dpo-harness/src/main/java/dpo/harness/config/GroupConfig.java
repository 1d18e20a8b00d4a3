package dpo.harness.config;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How preference sources are weighted: by fixed weights, or group-robust towards the worst.
 *
 * @param weights weight of every source in the data; present if {@code robust} is absent
 * @param normalise whether the given weights are divided by their sum
 * @param robust settings of the group-robust objective; present if {@code weights} is absent
 */
public record GroupConfig(
        @Setting(about = "equal, by_size, or w_i >= 0 of every preference source: {NAME: w_i, …}")
        Optional<GroupWeights> weights,

        @Setting(about = "divide the given weights by their sum", byDefault = "false")
        boolean normalise,

        @Setting(about = "{step_size: η > 0}: sources with larger losses get larger weights (group-robust)")
        Optional<Robust> robust) {

    /**
     * The group-robust objective.
     *
     * @param stepSize η of its exponentiated gradient
     */
    public record Robust(
            @Setting(about = "η > 0: step size of the exponentiated gradient", byDefault = "0.01")
            double stepSize) {}

    public GroupConfig {
        Requirement.holds(
                weights.isPresent() != robust.isPresent(),
                "weights",
                "must be given, or robust, and not both",
                weights.isPresent() ? "both" : "neither",
                "robust");
        boolean isOwn = weights.isPresent() && weights.get() instanceof GroupWeights.Own;
        Requirement.holds(isOwn || !normalise, "normalise", "must be false without {NAME: w_i, …}", true, "weights");
        if (isOwn && weights.get() instanceof GroupWeights.Own own) {
            Requirement.holds(sum(own) > 0, "weights", "must have a positive sum", own.weights());
        }
    }

    /** The objective over all sources. */
    PreferenceLoss over(PreferenceLoss loss) {
        if (robust.isPresent()) {
            return new GroupRobust(loss, robust.get().stepSize());
        }
        GroupWeights given = weights.orElseThrow();
        return new GroupWeighted(loss, normalise ? normalised((GroupWeights.Own) given) : given);
    }

    private static GroupWeights normalised(GroupWeights.Own own) {
        Map<String, Double> divided = new TreeMap<>(own.weights());
        divided.replaceAll((group, weight) -> weight / sum(own));
        return new GroupWeights.Own(divided);
    }

    private static double sum(GroupWeights.Own own) {
        return own.weights().values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
