package dpo.report.settings;

import dpo.core.setting.Setting;
import dpo.harness.config.SettingValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which rows a report has, and in which order. Without settings: all, in the order of their values.
 *
 * @param only setting → its values that are shown, in their order
 * @param sortBy a metric, by whose mean rows are sorted
 * @param descending whether the largest mean comes first
 */
public record RowSettings(
        @Setting(about = "setting → its values that are shown, in their order", byDefault = "{}")
        Map<String, List<SettingValue>> only,

        @Setting(about = "a metric, by whose mean rows are sorted")
        Optional<String> sortBy,

        @Setting(about = "the largest mean first", byDefault = "false")
        boolean descending) {

    public RowSettings {
        only = Copies.inOrder(only);
    }
}
