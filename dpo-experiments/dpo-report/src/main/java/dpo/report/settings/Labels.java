package dpo.report.settings;

import dpo.harness.config.SettingValue;
import java.util.Map;
import java.util.Optional;

/**
 * The names of metrics, settings and values in tables and figures.
 *
 * @param names metric or setting → name
 * @param values setting → value as it is printed → name
 */
public record Labels(Map<String, String> names, Map<String, Map<String, String>> values) {

    /** No names of one's own. */
    public static final Labels NONE = new Labels(Map.of(), Map.of());

    public Labels {
        names = Copies.inOrder(names);
        values = Copies.inOrder(values);
    }

    /** The name that is given to a metric or a setting. */
    public Optional<String> of(String name) {
        return Optional.ofNullable(names.get(name));
    }

    /** The name that is given to a value of a setting. */
    public Optional<String> of(String setting, SettingValue value) {
        return Optional.ofNullable(values.getOrDefault(setting, Map.of()).get(value.text()));
    }
}
