package dpo.report.diff;

import dpo.harness.config.SettingValue;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.store.RunFolder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The inputs in which the runs of two sweeps differ, each named once: with the seeds and the cells of the runs that it
 * concerns, unless it concerns all of them.
 */
final class InputsOfCells {

    private static final int MOST_NAMED = 1;

    private final Map<String, Set<SettingValue>> compared = new LinkedHashMap<>();
    private final Map<InputDifference, Map<String, Set<SettingValue>>> found = new LinkedHashMap<>();

    /** Compares a run of each sweep. */
    void compare(String cell, SettingValue seed, RunFolder a, RunFolder b) {
        seeds(compared, cell).add(seed);
        InputDifference.between(a, b)
                .forEach(difference -> seeds(found.computeIfAbsent(difference, unseen -> new LinkedHashMap<>()), cell)
                        .add(seed));
    }

    private static Set<SettingValue> seeds(Map<String, Set<SettingValue>> cells, String cell) {
        return cells.computeIfAbsent(cell, unseen -> new TreeSet<>());
    }

    /** The differences, in the order of their first appearance. */
    List<InputDifference> differences() {
        List<InputDifference> differences = new ArrayList<>();
        found.forEach((difference, cells) -> differences.add(
                cells.equals(compared)
                        ? difference
                        : new InputDifference(
                                difference.part(),
                                difference.name() + " (" + where(cells) + ")",
                                difference.recorded(),
                                difference.again())));
        return differences;
    }

    /** "seeds 1, 3", "seed 1; cells: beta = 0.1", or the cells alone if all of their seeds are concerned. */
    private String where(Map<String, Set<SettingValue>> cells) {
        boolean areAllSeeds =
                cells.entrySet().stream().allMatch(cell -> cell.getValue().equals(compared.get(cell.getKey())));
        Set<SettingValue> seeds = new TreeSet<>();
        cells.values().forEach(seeds::addAll);
        List<String> parts = new ArrayList<>();
        if (!areAllSeeds) {
            parts.add(seeds(seeds));
        }
        if (cells.size() < compared.size()) {
            parts.add("cells: " + named(cells.keySet()));
        }
        return String.join("; ", parts);
    }

    /** "seed 1" or "seeds 1, 2". */
    static String seeds(Collection<SettingValue> seeds) {
        return seeds.stream()
                .map(SettingValue::text)
                .collect(Collectors.joining(", ", seeds.size() == 1 ? "seed " : "seeds ", ""));
    }

    private static String named(Set<String> cells) {
        int more = cells.size() - MOST_NAMED;
        return new LinkedHashSet<>(cells).stream().limit(MOST_NAMED).collect(Collectors.joining("; "))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
