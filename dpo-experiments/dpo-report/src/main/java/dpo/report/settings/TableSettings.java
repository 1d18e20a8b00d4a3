package dpo.report.settings;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * How the tables of a report look.
 *
 * @param caption text before the statement of what the numbers are; may be empty
 * @param label label of the LaTeX table; that of the comparison ends with {@code -comparison}
 * @param digits significant digits of an interval's half-width, which also round the mean
 */
public record TableSettings(
        @Setting(about = "text before the statement of what the numbers are", byDefault = "''")
        String caption,

        @Setting(about = "label of the LaTeX table", byDefault = "tab:results")
        String label,

        @Setting(about = "significant digits of half an interval", byDefault = "2")
        int digits) {

    public TableSettings {
        Requirement.holds(label.matches("[A-Za-z0-9:._-]+"), "label", "must be letters, digits, :, ., _ or -", label);
        Requirement.holds(digits >= 1 && digits <= 6, "digits", "must be from 1 to 6", digits);
    }
}
