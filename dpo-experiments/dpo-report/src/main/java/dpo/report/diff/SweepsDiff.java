package dpo.report.diff;

import dpo.core.InvalidInputException;
import dpo.harness.config.SettingValue;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.store.RunFolder;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.statistics.Difference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * The comparison of two sweeps: cells that agree in the settings that both sweeps have are compared over their common seeds,
 * or without common seeds by Welch's test.
 */
final class SweepsDiff {

    private static final String NO_SEED = "";
    private static final String CELL = "cell";
    private static final String NO_CELL = "absent";

    private final List<String> common;
    private final List<String> notes = new ArrayList<>();
    private final List<MetricDifference> metrics = new ArrayList<>();
    private final Set<InputDifference> inputs = new LinkedHashSet<>();

    private SweepsDiff(List<String> common) {
        this.common = common;
    }

    /**
     * The runs of one setting.
     *
     * @param name all its settings but the seed
     * @param key those that both sweeps have
     * @param bySeed its completed runs
     */
    private record Cell(String name, List<String> key, SortedMap<SettingValue, Run> bySeed) {

        String seeds() {
            return bySeed.keySet().stream().map(SettingValue::text).collect(Collectors.joining(", ", "seeds ", ""));
        }
    }

    static Diff of(Path a, Path b) {
        try (Results first = Results.open(a);
                Results second = Results.open(b)) {
            List<String> common = new ArrayList<>(first.settings());
            common.retainAll(second.settings());
            common.remove(Results.SEED);
            SweepsDiff diff = new SweepsDiff(common);
            List<Cell> cells = diff.cells("A", first.runs());
            List<Cell> others = diff.cells("B", second.runs());
            if (common.isEmpty() && cells.size() > 1 && others.size() > 1) {
                throw new InvalidInputException("sweeps must have a swept setting in common, got " + first.settings()
                        + " and " + second.settings());
            }
            List<String> names = new ArrayList<>(first.mainMetrics());
            names.retainAll(second.metrics());
            diff.match(cells, others, names);
            return new Diff(List.copyOf(diff.inputs), diff.metrics, diff.notes);
        }
    }

    private List<Cell> cells(String sweep, List<Run> runs) {
        Map<String, Cell> cells = new LinkedHashMap<>();
        int left = 0;
        for (Run run : runs) {
            if (!run.isCompleted()) {
                left++;
                continue;
            }
            String name = run.settings().keySet().stream()
                    .filter(key -> !key.equals(Results.SEED))
                    .map(key -> key + "=" + text(run, key))
                    .collect(Collectors.joining(", "));
            List<String> key =
                    common.stream().map(setting -> text(run, setting)).toList();
            cells.computeIfAbsent(name, unseen -> new Cell(name, key, new TreeMap<>()))
                    .bySeed()
                    .put(run.level(Results.SEED).orElse(new SettingValue(NO_SEED, Double.NaN)), run);
        }
        if (left > 0) {
            notes.add(sweep + ": " + left + " of " + runs.size() + " runs are not completed or damaged: left out");
        }
        if (cells.isEmpty()) {
            throw new InvalidInputException("sweep must have a completed run, got none in " + sweep);
        }
        return List.copyOf(cells.values());
    }

    private static String text(Run run, String setting) {
        return run.level(setting).map(SettingValue::text).orElse("absent");
    }

    private void match(List<Cell> cells, List<Cell> others, List<String> names) {
        Set<Cell> matched = new LinkedHashSet<>();
        for (Cell cell : cells) {
            for (Cell other : others) {
                if (cell.key().equals(other.key())) {
                    matched.addAll(List.of(cell, other));
                    compare(cell, other, names);
                }
            }
        }
        alone(cells, matched)
                .forEach(cell -> inputs.add(new InputDifference(CELL, cell.name(), cell.seeds(), NO_CELL)));
        alone(others, matched)
                .forEach(cell -> inputs.add(new InputDifference(CELL, cell.name(), NO_CELL, cell.seeds())));
    }

    private static List<Cell> alone(List<Cell> cells, Set<Cell> matched) {
        return cells.stream().filter(cell -> !matched.contains(cell)).toList();
    }

    private void compare(Cell cell, Cell other, List<String> names) {
        Set<SettingValue> seeds = new TreeSet<>(cell.bySeed().keySet());
        seeds.retainAll(other.bySeed().keySet());
        boolean isPaired = !seeds.isEmpty();
        String name = cell.name().equals(other.name()) ? cell.name() : cell.name() + " | " + other.name();
        if (isPaired
                && (seeds.size() < cell.bySeed().size()
                        || seeds.size() < other.bySeed().size())) {
            notes.add(name + ": only the " + seeds.size() + " common seeds of "
                    + cell.bySeed().size() + " and " + other.bySeed().size());
            inputs.add(new InputDifference(CELL, name, cell.seeds(), other.seeds()));
        }
        Set<SettingValue> ofCell = isPaired ? seeds : cell.bySeed().keySet();
        Set<SettingValue> ofOther = isPaired ? seeds : other.bySeed().keySet();
        for (String metric : names) {
            double[] a = values(cell, ofCell, metric);
            double[] b = values(other, ofOther, metric);
            metrics.add(MetricDifference.ofSeeds(
                    name.isEmpty() ? "all" : name,
                    metric,
                    mean(a),
                    mean(b),
                    isPaired ? Difference.paired(b, a) : Difference.welch(b, a),
                    isPaired ? "paired t over seeds" : "Welch's t, no common seeds"));
        }
        inputs.addAll(InputDifference.between(folder(cell, ofCell), folder(other, ofOther)));
    }

    private static RunFolder folder(Cell cell, Set<SettingValue> seeds) {
        Run first = cell.bySeed().get(seeds.iterator().next());
        return new RunFolder(Objects.requireNonNull(first).folder());
    }

    private static double[] values(Cell cell, Set<SettingValue> seeds, String metric) {
        return seeds.stream()
                .map(seed -> Objects.requireNonNull(cell.bySeed().get(seed)))
                .mapToDouble(run -> run.metric(metric))
                .toArray();
    }

    private static double mean(double[] values) {
        return DoubleStream.of(values).average().orElse(Double.NaN);
    }
}
