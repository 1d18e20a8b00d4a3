package dpo.report.figure;

import dpo.core.setting.Requirement;
import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.report.settings.ReportFile;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far each series of the reward–KL plane stays below the exact optimum at given KL divergences, where series can be
 * compared that use a factor such as β in different ways.
 *
 * <p>The gap of a seed at a KL is interpolated, linearly in √KL, between two neighbouring levels of the factor that enclose
 * it; if several do, it is the smallest. A series has a gap where each of its seeds has one.
 */
public final class GapsAtKl {

    private static final String KL = "world/kl";
    private static final String GAP = "world/gap";
    private static final String REWARD = "world/reward";

    private final Results results;
    private final Design design;
    private final Summary summary;

    private GapsAtKl(Results results, IntervalKind kind) {
        this.results = results;
        this.design = Design.of(results, ReportFile.byDefault());
        this.summary = results.summary(SummaryOptions.of(kind));
    }

    /**
     * One row per series: number of seeds, mean gap at each KL, and the highest mean reward of its levels.
     *
     * @param kls KL divergences, nats, each more than 0
     * @param kind the interval around means over seeds
     * @throws IllegalArgumentException if the runs are of no controlled world
     */
    public static Table table(Results results, List<Double> kls, IntervalKind kind) {
        kls.forEach(kl -> Requirement.positive("KL", kl));
        results.requireKnown(List.of(KL, GAP, REWARD));
        return new GapsAtKl(results, kind).table(kls);
    }

    private Table table(List<Double> kls) {
        List<String> columns = new ArrayList<>(List.of("series", "n"));
        kls.forEach(kl -> columns.addAll(Table.withInterval("gap at KL " + Style.number(kl), summary.kind())));
        columns.addAll(Table.withInterval("highest mean " + REWARD, summary.kind()));
        columns.add("at");
        List<Run> placed = results.runs().stream()
                .filter(run -> run.isCompleted() && Double.isFinite(run.metric(KL)))
                .toList();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        placed.stream()
                .collect(Collectors.groupingBy(design::series, TreeMap::new, Collectors.toList()))
                .forEach((series, runs) -> rows.add(row(series, runs, kls)));
        return new Table(columns, rows)
                .captioned(
                        "Gap to the exact optimum at equal KL, interpolated between settings, mean over n seeds with "
                                + summary.kind().description() + "; –: not every seed reaches that KL.");
    }

    private List<@Nullable Object> row(String series, List<Run> runs, List<Double> kls) {
        Map<SettingValue, List<Run>> bySeed = runs.stream()
                .collect(Collectors.groupingBy(
                        run -> run.level(Results.SEED).orElse(SettingValue.NULL), TreeMap::new, Collectors.toList()));
        List<@Nullable Object> cells = new ArrayList<>();
        cells.add(series);
        cells.add((long) bySeed.size());
        for (double kl : kls) {
            double[] gaps = bySeed.values().stream()
                    .flatMapToDouble(ofSeed -> gap(ofSeed, kl).stream())
                    .toArray();
            cells.addAll(
                    gaps.length == bySeed.size()
                            ? Table.cells(summary.interval(gaps, GAP))
                            : Collections.nCopies(3, null));
        }
        Optional<Replicates> best = summary.rows().stream()
                .filter(row -> row.completed().stream().anyMatch(runs::contains))
                .filter(row -> Double.isFinite(summary.interval(row, REWARD).estimate()))
                .max(Comparator.comparingDouble(
                        row -> summary.interval(row, REWARD).estimate()));
        cells.addAll(best.map(row -> Table.cells(summary.interval(row, REWARD))).orElse(Collections.nCopies(3, null)));
        cells.add(best.map(row -> level(row.completed().get(0))).orElse(null));
        return cells;
    }

    private String level(Run run) {
        String label = design.levelLabel(run);
        return label.isEmpty() ? "" : label + " = " + design.levelText(design.level(run));
    }

    /** The gap of the runs of one seed at a KL. */
    private OptionalDouble gap(List<Run> runs, double kl) {
        List<Run> byLevel =
                runs.stream().sorted(Comparator.comparing(design::level)).toList();
        return IntStream.range(1, byLevel.size())
                .mapToDouble(i -> between(byLevel.get(i - 1), byLevel.get(i), Math.sqrt(kl)))
                .filter(Double::isFinite)
                .min();
    }

    /** The gap at √KL = root between two runs; NaN if they do not enclose it. */
    private static double between(Run first, Run second, double root) {
        double from = Math.sqrt(first.metric(KL));
        double to = Math.sqrt(second.metric(KL));
        double share = (root - from) / (to - from);
        return share >= 0 && share <= 1
                ? first.metric(GAP) + share * (second.metric(GAP) - first.metric(GAP))
                : Double.NaN;
    }
}
