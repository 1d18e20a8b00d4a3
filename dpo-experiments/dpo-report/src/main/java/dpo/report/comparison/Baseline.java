package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The setting with which the others are compared. If its values name one row, it is the baseline of all others; if they
 * name several, each other row has the baseline with which it shares most remaining settings and differs in none.
 */
final class Baseline {

    private final List<Replicates> rows;
    private final Map<String, String> values;

    /**
     * The baseline among rows.
     *
     * @param given swept path, or its last part if that is unique, → value as it is printed
     * @throws IllegalArgumentException if a path is unknown, ambiguous or given twice, or no row has these values
     */
    Baseline(List<Replicates> rows, Map<String, String> given) {
        Map<String, String> paths = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            String path = path(rows, key);
            if (paths.put(path, value) != null) {
                throw new IllegalArgumentException("baseline must give a setting once, got " + path + " twice");
            }
        });
        this.values = paths;
        this.rows = rows.stream().filter(this::matches).toList();
        if (this.rows.isEmpty()) {
            throw new IllegalArgumentException("baseline must be a setting of the sweep, got " + describe(paths)
                    + "; its values are: "
                    + paths.keySet().stream()
                            .map(path -> path + " = " + values(rows, path))
                            .collect(Collectors.joining("; ")));
        }
    }

    private static String path(List<Replicates> rows, String key) {
        List<String> paths = rows.stream()
                .flatMap(row -> row.settings().keySet().stream())
                .distinct()
                .toList();
        List<String> found = paths.contains(key)
                ? List.of(key)
                : paths.stream().filter(path -> path.endsWith("." + key)).toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException("baseline must name swept settings " + paths + ", got " + key
                    + (found.isEmpty() ? "" : ", which is one of " + found));
        }
        return found.get(0);
    }

    private static String values(List<Replicates> rows, String path) {
        return rows.stream()
                .flatMap(row -> row.level(path).stream())
                .map(SettingValue::text)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String describe(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private boolean matches(Replicates row) {
        return values.entrySet().stream()
                .allMatch(entry ->
                        row.level(entry.getKey()).map(SettingValue::text).equals(Optional.of(entry.getValue())));
    }

    /** Whether all other rows have the same baseline. */
    boolean isSingle() {
        return rows.size() == 1;
    }

    boolean contains(Replicates row) {
        return rows.contains(row);
    }

    /** The baseline of a row that shares most of its remaining settings; empty if there is none, or more than one. */
    Optional<Replicates> of(Replicates row) {
        if (isSingle()) {
            return Optional.of(rows.get(0));
        }
        Comparator<Replicates> closeness = Comparator.<Replicates>comparingInt(baseline -> shared(baseline, row))
                .thenComparing(baseline -> rest(baseline).size(), Comparator.reverseOrder());
        List<Replicates> agreeing =
                rows.stream().filter(baseline -> agree(baseline, row)).toList();
        return agreeing.stream()
                .max(closeness)
                .filter(closest -> agreeing.stream()
                                .filter(other -> closeness.compare(other, closest) == 0)
                                .count()
                        == 1);
    }

    /** Whether no remaining setting that both have differs; each may have others, such as a constant of its loss. */
    private boolean agree(Replicates baseline, Replicates row) {
        Map<String, SettingValue> ofRow = rest(row);
        return rest(baseline).entrySet().stream()
                .allMatch(setting ->
                        ofRow.getOrDefault(setting.getKey(), setting.getValue()).equals(setting.getValue()));
    }

    private int shared(Replicates baseline, Replicates row) {
        Set<String> shared = new HashSet<>(rest(baseline).keySet());
        shared.retainAll(rest(row).keySet());
        return shared.size();
    }

    private Map<String, SettingValue> rest(Replicates row) {
        Map<String, SettingValue> rest = new LinkedHashMap<>();
        row.settings().forEach((setting, value) -> rest.put(setting, SettingValue.of(value)));
        rest.keySet().removeAll(values.keySet());
        return rest;
    }

    /** The values in words, for captions. */
    String describe() {
        List<String> parts = new ArrayList<>();
        values.forEach((path, value) -> parts.add(path + " = " + value));
        return String.join(", ", parts) + (isSingle() ? "" : ", with the same other settings");
    }
}
