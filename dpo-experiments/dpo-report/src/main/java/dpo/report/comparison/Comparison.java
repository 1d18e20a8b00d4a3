package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.statistics.Correction;
import dpo.statistics.Difference;
import dpo.statistics.Dunnett;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a sweep against a baseline: for each metric the difference of means with its 95 % confidence interval,
 * and p-values that are corrected over the settings.
 *
 * <p>Runs of the same seed are paired. Settings without a seed in common with the baseline are compared by Welch's test.
 * Metrics on the logarithmic scale are compared by the ratio of their geometric means. A metric that is not finite in a
 * run has no difference; the caption says where.
 */
public final class Comparison {

    private final List<Replicates> rows;
    private final List<String> settings;
    private final Baseline baseline;
    private final Adjustment adjustment;
    private final TreeSet<String> remarks = new TreeSet<>();

    /**
     * Prepares the comparison.
     *
     * @param baseline swept path, or its unique last part, → value as it is printed
     * @throws IllegalArgumentException if the baseline is not a setting of the sweep, or Dunnett's test does not apply
     */
    public Comparison(Results results, Map<String, String> baseline, Adjustment adjustment) {
        this.rows = results.summary(SummaryOptions.STANDARD).rows();
        this.settings = results.settings().stream()
                .filter(setting -> !setting.equals(Results.SEED))
                .toList();
        this.baseline = new Baseline(rows, baseline);
        this.adjustment = adjustment;
        if (adjustment == Adjustment.DUNNETT && !this.baseline.isSingle()) {
            throw new IllegalArgumentException("baseline must be one setting for Dunnett's test, got several ("
                    + this.baseline.describe() + "); name all of its values, or use Holm's correction");
        }
    }

    /** One comparison. */
    private record Row(Replicates setting, String test, Difference difference) {}

    /** One row per metric and setting other than the baseline, with a caption. */
    public Table table(List<String> metrics) {
        List<String> columns = new ArrayList<>(List.of("metric"));
        columns.addAll(settings);
        columns.addAll(List.of("n", "test", "effect"));
        columns.addAll(Table.withInterval("estimate", IntervalKind.CI95));
        columns.addAll(List.of("p", "adjusted p"));
        List<List<@Nullable Object>> cells = new ArrayList<>();
        for (String metric : metrics) {
            List<Row> compared = adjustment == Adjustment.DUNNETT ? byDunnett(metric) : each(metric);
            double[] p =
                    compared.stream().mapToDouble(row -> row.difference().p()).toArray();
            double[] adjusted = adjustment.correction().orElse(Correction.NONE).adjust(p);
            for (int i = 0; i < compared.size(); i++) {
                cells.add(cells(metric, compared.get(i), adjusted[i]));
            }
        }
        TreeSet<String> ofSettings = new TreeSet<>(settings);
        return new Table(columns, cells, ofSettings, caption());
    }

    private List<@Nullable Object> cells(String metric, Row row, double adjusted) {
        List<@Nullable Object> cells = new ArrayList<>(List.of(metric));
        settings.forEach(setting ->
                cells.add(row.setting().level(setting).map(SettingValue::text).orElse(null)));
        boolean isRatio = Summary.isOnLogScale(metric);
        Interval difference = row.difference().interval();
        cells.addAll(List.of((long) difference.n(), row.test(), isRatio ? "ratio" : "difference"));
        cells.addAll(Table.cells(
                isRatio
                        ? new Interval(
                                Math.exp(difference.estimate()),
                                Math.exp(difference.low()),
                                Math.exp(difference.high()),
                                difference.n())
                        : difference));
        // Dunnett's p-values are already those of all settings together.
        cells.add(
                adjustment == Adjustment.DUNNETT
                        ? null
                        : finiteOrNull(row.difference().p()));
        cells.add(finiteOrNull(adjusted));
        return cells;
    }

    private static @Nullable Double finiteOrNull(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private List<Row> each(String metric) {
        List<Row> compared = new ArrayList<>();
        for (Replicates row : rows) {
            if (baseline.contains(row)) {
                noteNotFinite(row, BySeed.of(row, metric), metric);
                continue;
            }
            Replicates other = baseline.of(row).orElse(null);
            if (other == null) {
                remarks.add("Not compared, because no single baseline agrees with its other settings: " + row.describe()
                        + ".");
                continue;
            }
            if (row.completed().isEmpty() || other.completed().isEmpty()) {
                Replicates empty = row.completed().isEmpty() ? row : other;
                remarks.add("Without completed runs: " + empty.describe() + ".");
                continue;
            }
            compared.add(compare(row, other, metric));
        }
        return compared;
    }

    private Row compare(Replicates row, Replicates other, String metric) {
        BySeed values = BySeed.of(row, metric);
        BySeed base = BySeed.of(other, metric);
        noteNotFinite(row, values, metric);
        SortedSet<SettingValue> common = BySeed.common(List.of(values, base));
        if (common.isEmpty()) {
            remarks.add("Without common seeds, so that n is that of the smaller sample: " + row.describe() + ".");
            return new Row(row, "Welch t", Difference.welch(values.all(), base.all()));
        }
        if (common.size() < Math.max(values.values().size(), base.values().size())) {
            remarks.add("Only common seeds enter a paired difference; " + row.describe() + " has "
                    + values.values().size() + ", the baseline " + base.values().size() + ", common are "
                    + common.size() + ".");
        }
        if (common.size() == 1) {
            remarks.add("One common seed gives no interval and no test.");
        }
        return new Row(row, "paired t", Difference.paired(values.of(common), base.of(common)));
    }

    private List<Row> byDunnett(String metric) {
        List<Replicates> others = rows.stream()
                .filter(row -> !baseline.contains(row) && !row.completed().isEmpty())
                .toList();
        rows.stream()
                .filter(row -> row.completed().isEmpty())
                .forEach(row -> remarks.add("Without completed runs: " + row.describe() + "."));
        if (others.isEmpty()) {
            return List.of();
        }
        BySeed base =
                BySeed.of(Objects.requireNonNull(baseline.of(others.get(0)).orElse(null)), metric);
        List<BySeed> all = new ArrayList<>(
                others.stream().map(row -> BySeed.of(row, metric)).toList());
        all.add(base);
        SortedSet<SettingValue> common = BySeed.common(all);
        if (common.size() < 2) {
            throw new IllegalArgumentException("settings must share at least two seeds for Dunnett's test, got "
                    + common.size() + " (" + metric + "); use Holm's correction");
        }
        double[][] values =
                others.stream().map(row -> BySeed.of(row, metric).of(common)).toArray(double[][]::new);
        for (int i = 0; i < others.size(); i++) {
            noteNotFinite(others.get(i), all.get(i), metric);
            if (all.get(i).values().size() > common.size()) {
                remarks.add("Only the " + common.size() + " seeds that all settings share enter.");
            }
        }
        List<Difference> differences = Dunnett.paired(base.of(common), values).differences();
        List<Row> compared = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            compared.add(new Row(others.get(i), "Dunnett", differences.get(i)));
        }
        return compared;
    }

    private void noteNotFinite(Replicates row, BySeed values, String metric) {
        int count = values.notFinite().size();
        if (count > 0 && row.completed().stream().anyMatch(run -> run.result().containsKey(metric))) {
            remarks.add(metric + " has no finite " + (Summary.isOnLogScale(metric) ? "logarithm" : "value") + " in "
                    + count + (count == 1 ? " run" : " runs") + " of " + row.describe() + ".");
        }
    }

    private String caption() {
        List<String> sentences = new ArrayList<>();
        sentences.add("Baseline: " + baseline.describe() + ".");
        sentences.add("Estimates are setting minus baseline, or the ratio of geometric means; "
                + (adjustment == Adjustment.DUNNETT
                        ? "95 % confidence intervals for all settings together (Dunnett)"
                        : IntervalKind.CI95.description() + " of each difference")
                + "; n: number of common seeds.");
        sentences.add("Adjusted p: " + adjustment.description() + " over the settings, for each metric.");
        sentences.addAll(remarks);
        return String.join(" ", sentences);
    }
}
