package dpo.report.diff;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.run.RowDigest;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.sweep.RunInputs;
import dpo.report.results.PairValues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The comparison of two runs; metrics of the same held-out pairs are tested pair by pair. */
final class RunsDiff {

    private final RunFolder a;
    private final RunFolder b;
    private final RunRecord first;
    private final RunRecord second;
    private final List<String> notes = new ArrayList<>();

    private RunsDiff(RunFolder a, RunFolder b) {
        this.a = a;
        this.b = b;
        this.first = completed(a);
        this.second = completed(b);
    }

    /**
     * Compares two runs.
     *
     * @param metrics names of metrics; empty: all
     */
    static Diff of(RunFolder a, RunFolder b, List<String> metrics, Backends backends) {
        RunsDiff diff = new RunsDiff(a, b);
        List<MetricDifference> differences = diff.metrics(metrics, backends);
        return new Diff(InputDifference.between(a, b), differences, diff.notes);
    }

    /**
     * The record of a completed, undamaged run.
     *
     * @throws InvalidInputException if it is not
     */
    private static RunRecord completed(RunFolder folder) {
        folder.damage(false).ifPresent(damage -> {
            throw new InvalidInputException("run must be undamaged, got: " + damage + " (" + folder.path() + ")");
        });
        RunRecord record = folder.record().orElseThrow();
        if (record.status() != Status.COMPLETED) {
            throw new InvalidInputException("run must be completed, got one that is not (" + folder.path() + ")");
        }
        return record;
    }

    private List<MetricDifference> metrics(List<String> shown, Backends backends) {
        Map<String, Double> ofA = first.result();
        Map<String, Double> ofB = second.result();
        Set<String> known = new LinkedHashSet<>(ofA.keySet());
        known.addAll(ofB.keySet());
        MetricDifference.requireKnown(shown, known);
        Collection<String> names = shown.isEmpty() ? known : new LinkedHashSet<>(shown);
        List<PairValues> pairs = samePairs() ? PairValues.of(a, ofA, backends) : List.of();
        List<PairValues> others = pairs.isEmpty() ? pairs : PairValues.of(b, ofB, backends);
        List<MetricDifference> metrics = new ArrayList<>();
        for (String name : names) {
            double x = ofA.getOrDefault(name, Double.NaN);
            double y = ofB.getOrDefault(name, Double.NaN);
            metrics.add(tested(name, x, y, pairs, others));
        }
        if (!pairs.isEmpty()) {
            int size = pairs.stream().mapToInt(set -> set.pairs().size()).sum();
            notes.add(
                    pairs.stream().allMatch(PairValues::isByPrompt)
                            ? "tests over " + size + " held-out pairs take those of one prompt as dependent"
                            : "the runs do not record the prompts of pairs: tests take all " + size
                                    + " held-out pairs as independent");
        }
        return metrics;
    }

    /** With a test if the metric is one of an evaluation set that both have in the same order. */
    private static MetricDifference tested(
            String name, double x, double y, List<PairValues> ofA, List<PairValues> ofB) {
        for (int i = 0; i < Math.min(ofA.size(), ofB.size()); i++) {
            double[] values = ofA.get(i).values().get(name);
            double[] others = ofB.get(i).values().get(name);
            if (values != null && others != null && values.length == others.length) {
                return MetricDifference.ofPairs(
                        name, x, y, values, others, ofA.get(i).clusters());
            }
        }
        return MetricDifference.untested(name, x, y);
    }

    /** Whether the last evaluations are over the same pairs with the same tokens. */
    private boolean samePairs() {
        Map<String, List<RowDigest>> rows = evaluation(a);
        Map<String, List<RowDigest>> others = evaluation(b);
        boolean isSame =
                (rows.isEmpty() && others.isEmpty()) ? Objects.equals(data(first), data(second)) : rows.equals(others);
        if (!isSame) {
            notes.add("the held-out pairs differ, or are not recorded: no test over pairs");
        }
        return isSame;
    }

    /** The rows of all evaluation sets by their names. */
    private static Map<String, List<RowDigest>> evaluation(RunFolder folder) {
        Map<String, List<RowDigest>> rows = new LinkedHashMap<>();
        RunInputs.in(folder).ifPresent(inputs -> inputs.rows().forEach((part, digests) -> {
            if (part.startsWith("evaluation")) {
                rows.put(part, digests);
            }
        }));
        return rows;
    }

    private static Object data(RunRecord record) {
        return String.valueOf(record.identity().get("data"));
    }
}
