package dpo.report.settings;

import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.harness.config.SettingValue;
import dpo.report.comparison.Adjustment;
import dpo.report.results.Results;
import dpo.report.results.SummaryOptions;
import dpo.statistics.IntervalKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a report shows. Metrics have the names of the results, settings the paths of the sweep.
 *
 * @param metrics the metrics of the tables, in their order; empty: the main ones
 * @param settings the settings that are columns of the tables, in their order; empty: all swept ones
 * @param labels metric or setting → its name in tables and figures
 * @param valueLabels setting → value as it is printed → its name in tables and figures
 * @param rows which rows there are, and in which order
 * @param interval what the interval around a mean shows
 * @param worlds swept settings over which means are, beside the seed; see {@link SummaryOptions#worlds}
 * @param pairs whether intervals also cover the choice of the held-out pairs; see {@link SummaryOptions#pairs}
 * @param iqm whether interquartile means replace means over worlds; see {@link SummaryOptions#interquartile}
 * @param baseline swept setting → value: the setting with which the others are compared
 * @param correction the correction of the p-values of the comparison
 * @param highlight metric → which mean is best; bold are the best and each whose interval contains it
 * @param table how tables look
 * @param figures how figures look
 */
public record ReportSettings(
        @Setting(about = "metrics of the tables, in their order; empty: the main ones", byDefault = "[]")
        List<String> metrics,

        @Setting(about = "swept settings that are columns, in their order; empty: all", byDefault = "[]")
        List<String> settings,

        @Setting(about = "metric or setting → its name in tables and figures", byDefault = "{}")
        Map<String, String> labels,

        @Setting(about = "setting → value as it is printed → its name", byDefault = "{}")
        Map<String, Map<String, String>> valueLabels,

        @Setting(about = "choice and order of the rows", byDefault = "{}")
        RowSettings rows,

        @Setting(about = "ci95, sd, sem or range", byDefault = "ci95")
        IntervalKind interval,

        @Setting(about = "swept settings over which means are, beside the seed", byDefault = "[]")
        List<String> worlds,

        @Setting(about = "intervals that hold for other held-out pairs as well as other seeds", byDefault = "false")
        boolean pairs,

        @Setting(about = "with worlds: interquartile means of all runs instead of means", byDefault = "false")
        boolean iqm,

        @Setting(about = "swept setting → value: the setting with which the others are compared", byDefault = "{}")
        Map<String, SettingValue> baseline,

        @Setting(about = "of the comparison: holm, dunnett, benjamini_hochberg or none", byDefault = "holm")
        Adjustment correction,

        @Setting(about = "metric → highest or lowest: which mean is best", byDefault = "{}")
        Map<String, Best> highlight,

        @Setting(about = "how tables look", byDefault = "{}")
        TableSettings table,

        @Setting(about = "how figures look", byDefault = "{}")
        FigureSettings figures) {

    /** Which mean of a metric is the best. */
    public enum Best {
        /** The largest. */
        HIGHEST,
        /** The smallest. */
        LOWEST
    }

    public ReportSettings {
        metrics = List.copyOf(metrics);
        settings = List.copyOf(settings);
        labels = Copies.inOrder(labels);
        valueLabels = Copies.inOrder(valueLabels);
        worlds = List.copyOf(worlds);
        baseline = Copies.inOrder(baseline);
        highlight = Copies.inOrder(highlight);
        requireDistinct("metrics", metrics);
        requireDistinct("settings", settings);
        requireSeedsAlone(pairs, worlds, interval);
        requireWorlds(iqm, worlds, interval);
        if (worlds.contains(Results.SEED)) {
            throw new SettingException("worlds", "must be other settings than seed", worlds);
        }
        if (settings.contains(Results.SEED)) {
            throw new SettingException("settings", "must not have seed, over which means are", settings);
        }
    }

    private static void requireSeedsAlone(boolean given, List<String> worlds, IntervalKind interval) {
        if (given && (!worlds.isEmpty() || interval != IntervalKind.CI95)) {
            throw new SettingException("pairs", "must come with interval ci95 and without worlds", given, "worlds");
        }
    }

    private static void requireWorlds(boolean given, List<String> worlds, IntervalKind interval) {
        if (given && (worlds.isEmpty() || interval != IntervalKind.CI95)) {
            throw new SettingException("iqm", "must come with worlds and interval ci95", given, "worlds");
        }
    }

    private static void requireDistinct(String key, List<String> names) {
        if (names.stream().distinct().count() < names.size()) {
            throw new SettingException(key, "must not repeat a name", names);
        }
    }

    /** How repeated runs are summarised. */
    public SummaryOptions summary() {
        return new SummaryOptions(interval, worlds, pairs, iqm);
    }

    /** The metrics of the tables. */
    public List<String> shownMetrics(Results results) {
        return metrics.isEmpty() ? results.mainMetrics() : metrics;
    }

    /** The names of metrics, settings and values. */
    public Labels names() {
        return new Labels(labels, valueLabels);
    }

    /** The range and scale of the axis of a metric or a setting, where they are given. */
    public Optional<AxisSettings> axis(String name) {
        return Optional.ofNullable(figures.axes().get(name));
    }
}
