package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The setting with which the others are compared. If its values name one row, it is the baseline of all others; if they
 * name several, each other row has the baseline that shares its remaining settings.
 */
final class Baseline {

    private final List<Replicates> rows;
    private final Map<String, String> values;

    /**
     * The baseline among rows.
     *
     * @param given swept path, or its last part if that is unique, → value as it is printed
     * @throws IllegalArgumentException if a path is unknown or ambiguous, or no row has these values
     */
    Baseline(List<Replicates> rows, Map<String, String> given) {
        Map<String, String> paths = new LinkedHashMap<>();
        given.forEach((key, value) -> paths.put(path(rows, key), value));
        this.values = paths;
        this.rows = rows.stream().filter(this::matches).toList();
        if (this.rows.isEmpty()) {
            throw new IllegalArgumentException("baseline must be a setting of the sweep, got " + describe(paths)
                    + "; the settings are: "
                    + rows.stream().map(Replicates::describe).collect(Collectors.joining("; ")));
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

    /** The baseline of a row; empty if none shares its remaining settings. */
    Optional<Replicates> of(Replicates row) {
        return isSingle()
                ? Optional.of(rows.get(0))
                : rows.stream()
                        .filter(baseline -> rest(baseline).equals(rest(row)))
                        .findFirst();
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
