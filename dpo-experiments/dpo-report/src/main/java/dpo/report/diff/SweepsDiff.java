package dpo.report.diff;

import dpo.core.InvalidInputException;
import dpo.harness.config.SettingValue;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.store.RunFolder;
import dpo.report.comparison.Contrast;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The comparison of two sweeps: cells that agree in the settings that both sweeps have are compared as the settings of one
 * sweep are ({@link Contrast}).
 */
final class SweepsDiff {

    private static final String CELL = "cell";
    private static final String NO_CELL = "absent";
    private static final String NO_RUN = "no completed run";

    private final List<String> common;
    private final Summary summary;
    private final List<String> metrics;
    private final List<String> notes = new ArrayList<>();
    private final List<MetricDifference> differences = new ArrayList<>();
    private final List<InputDifference> cells = new ArrayList<>();
    private final InputsOfCells inputs = new InputsOfCells();
    private final Map<String, Set<String>> withoutValue = new LinkedHashMap<>();

    private SweepsDiff(List<String> common, Summary summary, List<String> metrics) {
        this.common = common;
        this.summary = summary;
        this.metrics = metrics;
    }

    /**
     * Compares two sweeps.
     *
     * @param metrics names of metrics; empty: the main metrics of both
     */
    static Diff of(Path a, Path b, List<String> metrics) {
        try (Results first = Results.open(a);
                Results second = Results.open(b)) {
            List<String> common = new ArrayList<>(first.settings());
            common.retainAll(second.settings());
            common.remove(Results.SEED);
            Summary ofFirst = first.summary(SummaryOptions.STANDARD);
            SweepsDiff diff = new SweepsDiff(common, ofFirst, shown(first, second, metrics));
            diff.count("A", first.runs());
            diff.count("B", second.runs());
            List<Replicates> cells = ofFirst.rows();
            List<Replicates> others = second.summary(SummaryOptions.STANDARD).rows();
            if (common.isEmpty() && cells.size() > 1 && others.size() > 1) {
                throw new InvalidInputException("sweeps must have a swept setting in common, got " + first.settings()
                        + " and " + second.settings());
            }
            diff.match(cells, others);
            return diff.result();
        }
    }

    private static List<String> shown(Results first, Results second, List<String> metrics) {
        Set<String> shown = new LinkedHashSet<>(metrics);
        if (metrics.isEmpty()) {
            shown.addAll(first.mainMetrics());
            shown.addAll(second.mainMetrics());
        }
        Set<String> known = new LinkedHashSet<>(first.metrics());
        known.addAll(second.metrics());
        MetricDifference.requireKnown(shown, known);
        return List.copyOf(shown);
    }

    private void count(String sweep, List<Run> runs) {
        long left = runs.stream().filter(run -> !run.isCompleted()).count();
        if (left > 0) {
            notes.add(sweep + ": " + left + " of " + runs.size() + " runs are not completed or damaged: left out");
        }
        if (left == runs.size()) {
            throw new InvalidInputException("sweep must have a completed run, got none in " + sweep);
        }
    }

    private void match(List<Replicates> ofA, List<Replicates> ofB) {
        Set<Replicates> matched = new LinkedHashSet<>();
        for (Replicates cell : ofA) {
            for (Replicates other : ofB) {
                if (key(cell).equals(key(other))) {
                    matched.addAll(List.of(cell, other));
                    compare(cell, other);
                }
            }
        }
        ofA.stream()
                .filter(cell -> !matched.contains(cell))
                .forEach(cell -> cells.add(new InputDifference(CELL, cell.describe(), seeds(cell), NO_CELL)));
        ofB.stream()
                .filter(cell -> !matched.contains(cell))
                .forEach(cell -> cells.add(new InputDifference(CELL, cell.describe(), NO_CELL, seeds(cell))));
    }

    private List<Optional<SettingValue>> key(Replicates cell) {
        return common.stream().map(cell::level).toList();
    }

    private static String seeds(Replicates cell) {
        return cell.completed().isEmpty()
                ? NO_RUN
                : InputsOfCells.seeds(cell.bySeed().keySet());
    }

    private void compare(Replicates cell, Replicates other) {
        SortedMap<SettingValue, Run> a = cell.bySeed();
        SortedMap<SettingValue, Run> b = other.bySeed();
        String name =
                cell.settings().equals(other.settings()) ? cell.describe() : cell.describe() + " | " + other.describe();
        Set<SettingValue> seeds = new TreeSet<>(a.keySet());
        seeds.retainAll(b.keySet());
        if (!seeds.isEmpty() && !a.keySet().equals(b.keySet())) {
            notes.add(
                    name + ": only the common " + InputsOfCells.seeds(seeds) + " of " + a.size() + " and " + b.size());
        }
        if (seeds.isEmpty() ? a.isEmpty() != b.isEmpty() : !a.keySet().equals(b.keySet())) {
            cells.add(new InputDifference(CELL, name, seeds(cell), seeds(other)));
        }
        if (a.isEmpty() || b.isEmpty()) {
            return;
        }
        if (seeds.size() == 1) {
            notes.add(name + ": one common seed gives no interval and no test");
        }
        boolean arePaired = !seeds.isEmpty();
        metrics.forEach(metric -> differences.add(MetricDifference.ofCells(
                name,
                mean(arePaired ? runs(a, seeds) : a.values(), metric),
                mean(arePaired ? runs(b, seeds) : b.values(), metric),
                contrast(cell, other, metric, name))));
        if (arePaired) {
            seeds.forEach(seed -> inputs.compare(name, seed, folder(a, seed), folder(b, seed)));
        } else {
            inputs.compare(name, a.firstKey(), folder(a, a.firstKey()), folder(b, b.firstKey()));
        }
    }

    private Contrast contrast(Replicates cell, Replicates other, String metric, String name) {
        Contrast contrast = Contrast.of(other, cell, metric);
        if (!Double.isFinite(contrast.estimate().estimate())) {
            withoutValue
                    .computeIfAbsent(metric, unseen -> new LinkedHashSet<>())
                    .add(name);
        }
        return contrast;
    }

    private double mean(Collection<Run> runs, String metric) {
        return summary.interval(
                        runs.stream().mapToDouble(run -> run.metric(metric)).toArray(), metric)
                .estimate();
    }

    private static List<Run> runs(SortedMap<SettingValue, Run> bySeed, Set<SettingValue> seeds) {
        return seeds.stream()
                .map(seed -> Objects.requireNonNull(bySeed.get(seed)))
                .toList();
    }

    private static RunFolder folder(SortedMap<SettingValue, Run> bySeed, SettingValue seed) {
        return new RunFolder(Objects.requireNonNull(bySeed.get(seed)).folder());
    }

    private Diff result() {
        withoutValue.forEach((metric, names) -> notes.add(metric + " has no "
                + (Summary.isOnLogScale(metric) ? "positive, finite" : "finite") + " value in each run of: "
                + String.join("; ", names)));
        List<InputDifference> all = new ArrayList<>(cells);
        all.addAll(inputs.differences());
        return new Diff(all, differences, notes);
    }
}
