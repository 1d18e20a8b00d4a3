package dpo.report.settings;

import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import java.util.List;
import java.util.Optional;

/**
 * The axis of a metric or a setting in figures.
 *
 * @param scale how values become positions; absent: chosen by the values
 * @param limits the first and the last value; absent: chosen by the values
 */
public record AxisSettings(
        @Setting(about = "linear or logarithmic; absent: chosen by the values")
        Optional<AxisScale> scale,

        @Setting(about = "[first, last]; absent: chosen by the values")
        Optional<List<Double>> limits) {

    /** How values become positions. */
    public enum AxisScale {
        /** By the value. */
        LINEAR,
        /** By the logarithm. */
        LOGARITHMIC
    }

    public AxisSettings {
        limits = limits.map(List::copyOf);
        limits.ifPresent(ends -> {
            if (ends.size() != 2 || !(ends.get(0) < ends.get(1)) || !Double.isFinite(ends.get(1) - ends.get(0))) {
                throw new SettingException("limits", "must be two finite numbers, the smaller first", ends);
            }
        });
        if (scale.equals(Optional.of(AxisScale.LOGARITHMIC))
                && limits.filter(ends -> !(ends.get(0) > 0)).isPresent()) {
            throw new SettingException(
                    "limits", "must be positive on a logarithmic scale", limits.orElseThrow(), "scale");
        }
    }
}
