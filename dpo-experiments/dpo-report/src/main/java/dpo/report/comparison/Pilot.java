package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.statistics.DetectableDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a finished small sweep, or a run, says about a planned sweep of the same model and data: the time per token, and
 * the smallest difference between two settings that a number of seeds can show.
 */
public final class Pilot {

    private static final int[] SEEDS = {3, 5, 10};

    private final Results results;
    private final List<Replicates> rows;

    public Pilot(Results results) {
        this.results = results;
        this.rows = results.summary(SummaryOptions.STANDARD).rows();
    }

    /**
     * The wall-clock seconds of a completed run, evaluations and files included, per token of its optimizer steps; NaN
     * without completed runs.
     */
    public double secondsPerToken() {
        List<Run> completed = results.runs().stream().filter(Run::isCompleted).toList();
        if (completed.isEmpty()) {
            return Double.NaN;
        }
        double seconds = completed.stream().mapToDouble(Run::seconds).sum();
        Object tokens = results.query("SELECT sum(tokens) FROM metrics JOIN runs ON metrics.run = runs.id"
                        + " WHERE runs.status = 'completed'")
                .rows()
                .get(0)
                .get(0);
        return tokens instanceof Number number ? seconds / number.doubleValue() : Double.NaN;
    }

    /**
     * The standard deviation s_d of the difference of two settings at the same seed: √2 times the residual deviation
     * after the effects of setting and seed are removed. From a single setting it is √2 times the deviation over its
     * seeds, which is larger if seeds have common effects. NaN with fewer than two common seeds.
     */
    double sdOfDifferences(String metric) {
        List<BySeed> all = usable(metric);
        Set<SettingValue> seeds = BySeed.common(all);
        if (seeds.size() < 2) {
            return Double.NaN;
        }
        double[][] values = all.stream().map(row -> row.of(seeds)).toArray(double[][]::new);
        int settings = values.length;
        double[] ofSeeds = new double[seeds.size()];
        for (double[] row : values) {
            double mean = Arrays.stream(row).average().orElseThrow();
            for (int seed = 0; seed < ofSeeds.length; seed++) {
                row[seed] -= mean;
                ofSeeds[seed] += settings > 1 ? row[seed] / settings : 0;
            }
        }
        double squares = 0;
        for (double[] row : values) {
            for (int seed = 0; seed < ofSeeds.length; seed++) {
                squares += (row[seed] - ofSeeds[seed]) * (row[seed] - ofSeeds[seed]);
            }
        }
        return Math.sqrt(2 * squares / (Math.max(1, settings - 1) * (ofSeeds.length - 1.0)));
    }

    /** The settings with several seeds, all of finite values. */
    private List<BySeed> usable(String metric) {
        return rows.stream()
                .map(row -> BySeed.of(row, metric))
                .filter(row -> row.values().values().stream().allMatch(Double::isFinite))
                .filter(row -> row.values().size() > 1)
                .toList();
    }

    /**
     * One row per metric: how many settings and common seeds of the pilot enter, s_d, and the smallest difference
     * that a paired test at 5 % finds in four of five sweeps, for several numbers of seeds. For metrics on the
     * logarithmic scale it is a ratio of geometric means.
     *
     * @param planned number of seeds of the planned sweep
     */
    public Table detectable(List<String> metrics, int planned) {
        Set<Integer> counts = new LinkedHashSet<>(List.of(planned));
        Arrays.stream(SEEDS).forEach(counts::add);
        counts.remove(1);
        List<String> columns = new ArrayList<>(List.of("metric", "effect", "settings", "seeds", "sd of differences"));
        counts.forEach(n -> columns.add("with " + n + " seeds"));
        List<List<@Nullable Object>> cells = new ArrayList<>();
        for (String metric : metrics) {
            double sd = sdOfDifferences(metric);
            boolean isRatio = Summary.isOnLogScale(metric);
            List<@Nullable Object> row = new ArrayList<>(List.of(metric, isRatio ? "ratio" : "difference"));
            List<BySeed> usable = usable(metric);
            row.addAll(
                    List.of((long) usable.size(), (long) BySeed.common(usable).size()));
            row.add(finiteOrNull(sd));
            counts.forEach(n -> {
                double difference = DetectableDifference.paired(sd, n);
                row.add(finiteOrNull(isRatio ? Math.exp(difference) : difference));
            });
            cells.add(row);
        }
        return new Table(columns, cells)
                .captioned("The smallest difference between two settings that a paired t-test at 5 % finds with a"
                        + " probability of about 80 %, before any correction for several comparisons. Settings, seeds:"
                        + " those of the pilot that enter; a setting with one seed or a value that is not finite does"
                        + " not. A dash: fewer than two common seeds.");
    }

    private static @Nullable Double finiteOrNull(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
