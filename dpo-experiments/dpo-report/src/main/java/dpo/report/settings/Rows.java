package dpo.report.settings;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses and orders the runs of a report, and so the rows of its tables and the series of its figures. */
public final class Rows {

    private Rows() {}

    /** The results with the runs that {@link RowSettings#only} names, in the order of the settings. */
    public static Results of(Results results, ReportSettings settings) {
        Results chosen = results.only(results.runs().stream()
                .filter(run -> isChosen(run, settings.rows()))
                .sorted(byListedValues(settings.rows()))
                .toList());
        return settings.rows()
                .sortBy()
                .map(metric -> sorted(
                        chosen, settings.summary(), metric, settings.rows().descending()))
                .orElse(chosen);
    }

    private static boolean isChosen(Run run, RowSettings rows) {
        return rows.only().entrySet().stream().allMatch(choice -> run.level(choice.getKey())
                .filter(choice.getValue()::contains)
                .isPresent());
    }

    private static Comparator<Run> byListedValues(RowSettings rows) {
        Comparator<Run> order = Comparator.comparingInt(run -> 0);
        for (Map.Entry<String, List<SettingValue>> choice : rows.only().entrySet()) {
            order = order.thenComparingInt(
                    run -> choice.getValue().indexOf(run.level(choice.getKey()).orElse(SettingValue.NULL)));
        }
        return order;
    }

    /** By the mean of a metric over the repeated runs of a setting; without a finite mean last. */
    private static Results sorted(Results results, SummaryOptions options, String metric, boolean descending) {
        Summary summary = results.summary(options);
        Map<Path, Double> keys = new LinkedHashMap<>();
        for (Replicates row : summary.rows()) {
            double mean = summary.interval(row, metric).estimate();
            double key = Double.isNaN(mean) ? Double.POSITIVE_INFINITY : descending ? -mean : mean;
            row.completed().forEach(run -> keys.put(run.folder(), key));
        }
        List<Run> runs = new ArrayList<>(results.runs());
        runs.sort(Comparator.comparingDouble(run -> keys.getOrDefault(run.folder(), Double.POSITIVE_INFINITY)));
        return results.only(runs);
    }
}
