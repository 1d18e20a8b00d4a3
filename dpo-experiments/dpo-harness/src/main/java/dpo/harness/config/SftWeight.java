package dpo.harness.config;

import dpo.core.setting.Requirement;
import java.util.OptionalDouble;

/**
 * The weight of the supervised term.
 *
 * @param fixed the number; empty for the β of the preference objective
 */
public record SftWeight(OptionalDouble fixed) {

    public SftWeight {
        fixed.ifPresent(weight -> Requirement.holds(
                weight >= 0 && weight < Double.POSITIVE_INFINITY,
                "weight",
                "must be finite and at least 0, or beta",
                weight));
    }

    /** Whether the weight is the β of the preference objective. */
    public boolean isBeta() {
        return fixed.isEmpty();
    }

    /** The number; empty for β. */
    double number() {
        return fixed.orElseThrow();
    }
}
