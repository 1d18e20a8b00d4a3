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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a sweep against a baseline: for each metric the difference of means with its 95 % confidence interval,
 * and p-values that are corrected over the settings.
 *
 * <p>Each row is a {@link Contrast}, or one of {@link Dunnett}'s test. A metric that is not finite in a run has no
 * difference; the caption says where, and gives each reason why a setting is not compared, or not over all of its seeds,
 * once with all the settings that it concerns.
 */
public final class Comparison {

    private static final String WITHOUT_RUNS = "Without completed runs";

    private final List<Replicates> rows;
    private final List<String> settings;
    private final Baseline baseline;
    private final Adjustment adjustment;
    private final SortedMap<String, Set<String>> remarks = new TreeMap<>();

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

    /** A setting against its baseline. */
    private record Row(Replicates setting, Contrast contrast) {}

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
                    compared.stream().mapToDouble(row -> row.contrast().p()).toArray();
            double[] adjusted = adjustment.correction().orElse(Correction.NONE).adjust(p);
            for (int i = 0; i < compared.size(); i++) {
                cells.add(cells(metric, compared.get(i), adjusted[i]));
            }
        }
        TreeSet<String> ofSettings = new TreeSet<>(settings);
        return new Table(columns, cells, ofSettings, (cells.isEmpty() ? "No setting is compared. " : "") + caption());
    }

    private List<@Nullable Object> cells(String metric, Row row, double adjusted) {
        List<@Nullable Object> cells = new ArrayList<>(List.of(metric));
        settings.forEach(setting ->
                cells.add(row.setting().level(setting).map(SettingValue::text).orElse(null)));
        Contrast contrast = row.contrast();
        Interval estimate = contrast.estimate();
        cells.add((long) estimate.n());
        cells.add(Double.isFinite(adjusted) ? contrast.test() : null);
        cells.add(contrast.effect());
        cells.addAll(Table.cells(estimate));
        // Dunnett's p-values are already those of all settings together.
        cells.add(adjustment == Adjustment.DUNNETT ? null : finiteOrNull(contrast.p()));
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
                remark("Not compared, because no single baseline agrees with the other settings", row.describe());
                continue;
            }
            if (row.completed().isEmpty() || other.completed().isEmpty()) {
                Replicates empty = row.completed().isEmpty() ? row : other;
                remark(WITHOUT_RUNS, empty.describe());
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
        int common = BySeed.common(List.of(values, base)).size();
        if (common == 0) {
            remark("Without common seeds, so that n is that of the smaller sample", row.describe());
        } else if (common < Math.max(values.values().size(), base.values().size())) {
            remark(
                    "Only common seeds enter a paired difference",
                    row.describe() + " (" + common + " of " + values.values().size() + ", baseline "
                            + base.values().size() + ")");
        }
        if (common == 1) {
            remark("One common seed gives no interval and no test", row.describe());
        }
        return new Row(row, Contrast.of(row, other, metric));
    }

    /** Keeps a reason and what it concerns; the caption says each reason once. */
    private void remark(String reason, String concerned) {
        remarks.computeIfAbsent(reason, unseen -> new LinkedHashSet<>()).add(concerned);
    }

    private List<Row> byDunnett(String metric) {
        List<Replicates> others = rows.stream()
                .filter(row -> !baseline.contains(row) && !row.completed().isEmpty())
                .toList();
        rows.stream().filter(row -> row.completed().isEmpty()).forEach(row -> remark(WITHOUT_RUNS, row.describe()));
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
                remark(
                        "Only the " + common.size() + " seeds that all settings share enter, of more",
                        others.get(i).describe());
            }
        }
        List<Difference> differences = Dunnett.paired(base.of(common), values).differences();
        List<Row> compared = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            compared.add(new Row(others.get(i), new Contrast(metric, "Dunnett", differences.get(i))));
        }
        return compared;
    }

    private void noteNotFinite(Replicates row, BySeed values, String metric) {
        int count = values.notFinite().size();
        if (count > 0 && row.completed().stream().anyMatch(run -> run.result().containsKey(metric))) {
            remark(
                    metric + " has no finite " + (Summary.isOnLogScale(metric) ? "logarithm" : "value"),
                    row.describe() + " (" + count + (count == 1 ? " run" : " runs") + ")");
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
        Set<String> all = rows.stream()
                .filter(row -> !baseline.contains(row))
                .map(Replicates::describe)
                .collect(Collectors.toSet());
        remarks.forEach((reason, concerned) -> sentences.add(
                reason + ": " + (concerned.equals(all) ? "all settings" : String.join("; ", concerned)) + "."));
        return String.join(" ", sentences);
    }
}
