package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The best setting of a sweep, selected on the first half of the common seeds and reported on the others. Reported on
 * the seeds that selected it, the best of many settings looks better than it is.
 */
public final class Selection {

    private final Results results;
    private final String metric;
    private final boolean highest;
    private final List<SettingValue> selecting;
    private final List<SettingValue> reporting;
    private final Replicates best;
    private final List<Replicates> refused;

    /**
     * Selects the setting.
     *
     * @param highest whether the highest mean is the best; otherwise the lowest
     * @throws IllegalArgumentException if the metric is unknown, the settings share fewer than two seeds, or no setting
     *     has a finite mean
     */
    public Selection(Results results, String metric, boolean highest) {
        results.requireKnown(List.of(metric));
        this.results = results;
        this.metric = metric;
        this.highest = highest;
        List<Replicates> rows = results.summary(SummaryOptions.STANDARD).rows();
        List<SettingValue> common = List.copyOf(
                BySeed.common(rows.stream().map(row -> BySeed.of(row, metric)).toList()));
        if (common.size() < 2) {
            throw new IllegalArgumentException(
                    "settings must share at least two seeds, one to select and one to report, got " + common.size()
                            + withFewRuns(rows));
        }
        this.selecting = common.subList(0, common.size() / 2);
        this.reporting = common.subList(common.size() / 2, common.size());
        this.refused = rows.stream()
                .filter(row -> !Double.isFinite(selectingMean(row)))
                .toList();
        Comparator<Replicates> byMean = Comparator.comparingDouble(this::selectingMean);
        this.best = rows.stream()
                .filter(row -> !refused.contains(row))
                .max(highest ? byMean : byMean.reversed())
                .orElseThrow(() -> new IllegalArgumentException(
                        "metric must be finite in the runs of a setting, got none (" + metric + ")"));
    }

    private static String withFewRuns(List<Replicates> rows) {
        String few = described(
                rows.stream().filter(row -> row.completed().size() < 2).toList());
        return few.isEmpty() ? "" : "; fewer than two runs are completed of: " + few;
    }

    private static String described(List<Replicates> rows) {
        return rows.stream().map(Replicates::describe).collect(Collectors.joining("; "));
    }

    private double selectingMean(Replicates row) {
        return IntervalKind.SD.of(BySeed.of(row, metric).of(selecting)).estimate();
    }

    /** One row: the selected setting with metrics over the reporting seeds. */
    public Table table(List<String> metrics, IntervalKind kind) {
        Summary summary = results.summary(SummaryOptions.of(kind));
        List<String> columns = new ArrayList<>(results.settings());
        columns.retainAll(best.settings().keySet());
        List<@Nullable Object> cells = new ArrayList<>();
        columns.forEach(setting ->
                cells.add(SettingValue.of(best.settings().get(setting)).text()));
        columns.add("n");
        cells.add((long) reporting.size());
        for (String name : metrics) {
            double[] values = best.completed().stream()
                    .filter(run -> reporting.contains(seed(run)))
                    .mapToDouble(run -> run.metric(name))
                    .toArray();
            columns.addAll(Table.withInterval(Summary.estimate(name), kind));
            cells.addAll(Table.cells(summary.interval(values, name)));
        }
        return new Table(columns, List.of(cells)).captioned(caption(kind));
    }

    private static SettingValue seed(Run run) {
        return run.level(Results.SEED).orElse(SettingValue.NULL);
    }

    private String caption(IntervalKind kind) {
        int settings = results.summary(SummaryOptions.STANDARD).rows().size();
        return "Selected among " + settings + " settings by the " + (highest ? "highest" : "lowest") + " mean of "
                + metric + " over " + texts(selecting) + "; reported over the other " + texts(reporting)
                + ", with " + kind.description() + (reporting.size() < 2 ? "; one seed gives no interval" : "") + "."
                + (refused.isEmpty()
                        ? ""
                        : " Not selectable, because " + metric + " is not finite: " + described(refused) + ".");
    }

    private static String texts(List<SettingValue> seeds) {
        return seeds.stream()
                .map(SettingValue::text)
                .collect(Collectors.joining(", ", seeds.size() == 1 ? "seed " : "seeds ", ""));
    }
}
