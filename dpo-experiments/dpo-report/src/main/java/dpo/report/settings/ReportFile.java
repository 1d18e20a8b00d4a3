package dpo.report.settings;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.SettingValue;
import dpo.harness.config.SettingsFile;
import dpo.report.results.Results;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file {@code report.yaml} beside the results of a sweep. It names swept settings by their path, or by its last part if
 * that is unique; every name must exist in the results.
 */
public final class ReportFile {

    /** The file in a sweep's folder that is used unless another one is given. */
    public static final String NAME = "report.yaml";

    private final SettingsFile<ReportSettings> file;
    private final List<ConfigError> errors;
    private final List<String> swept;
    private final Results results;

    private ReportFile(SettingsFile<ReportSettings> file, Results results) {
        this.file = file;
        this.errors = new ArrayList<>(file.errors());
        this.results = results;
        this.swept = results.settings().stream()
                .filter(setting -> !setting.equals(Results.SEED))
                .toList();
    }

    /** The given file, else {@value #NAME} in the folder if there is one. */
    public static Optional<Path> of(Path folder, Optional<Path> given) {
        return given.or(
                () -> Optional.of(folder.resolve(NAME)).filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS)));
    }

    /**
     * Reads the settings of a report, with all names in full.
     *
     * @param file absent: the defaults
     * @throws ConfigException with all errors, of the file and of the names that the results do not have
     */
    public static ReportSettings read(Optional<Path> file, Results results) {
        return new ReportFile(
                        file.map(path -> SettingsFile.read(path, ReportSettings.class))
                                .orElseGet(() -> SettingsFile.byDefault(ReportSettings.class)),
                        results)
                .resolved();
    }

    /** The settings of a report without a file. */
    public static ReportSettings byDefault() {
        return SettingsFile.byDefault(ReportSettings.class).settings();
    }

    private ReportSettings resolved() {
        ReportSettings given = file.settings();
        Set<String> named = names();
        List<String> metrics = each("metrics", given.metrics(), results.metrics());
        ReportSettings resolved = new ReportSettings(
                metrics,
                each("settings", given.settings(), swept),
                keys(List.of("labels"), given.labels(), named),
                valueLabels(given.valueLabels()),
                rows(given.rows()),
                given.interval(),
                each("worlds", given.worlds(), swept),
                given.pairs(),
                given.iqm(),
                baseline(given.baseline()),
                given.correction(),
                keys(List.of("highlight"), given.highlight(), metrics.isEmpty() ? results.mainMetrics() : metrics),
                given.table(),
                figures(given.figures(), named));
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return resolved;
    }

    /** What tables and figures can show: settings, and metrics of results, steps and evaluations. */
    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>(swept);
        names.addAll(results.metrics());
        for (String view : List.of("metrics", "evaluations")) {
            names.addAll(results.columns(view));
        }
        return names;
    }

    private Map<String, SettingValue> baseline(Map<String, SettingValue> given) {
        List<String> path = List.of("baseline");
        Map<String, SettingValue> full = keys(path, given, swept);
        full.forEach(
                (setting, value) -> requireLevel(below(path, written(given.keySet(), setting)), setting, value.text()));
        return full;
    }

    private RowSettings rows(RowSettings rows) {
        List<String> path = List.of("rows", "only");
        Map<String, List<SettingValue>> only = keys(path, rows.only(), swept);
        only.forEach((setting, values) -> values.forEach(
                value -> requireLevel(below(path, written(rows.only().keySet(), setting)), setting, value.text())));
        rows.sortBy().ifPresent(metric -> full(List.of("rows", "sort_by"), metric, results.metrics()));
        return new RowSettings(only, rows.sortBy(), rows.descending());
    }

    private Map<String, Map<String, String>> valueLabels(Map<String, Map<String, String>> given) {
        List<String> path = List.of("value_labels");
        Map<String, Map<String, String>> full = keys(path, given, swept);
        full.forEach((setting, labels) -> labels.keySet()
                .forEach(value ->
                        requireLevel(below(below(path, written(given.keySet(), setting)), value), setting, value)));
        return full;
    }

    private FigureSettings figures(FigureSettings given, Set<String> named) {
        List<String> numbers = swept.stream()
                .filter(setting -> results.runs().stream().anyMatch(run -> run.level(setting)
                        .filter(SettingValue::isNumber)
                        .isPresent()))
                .toList();
        return new FigureSettings(
                given.x().map(setting -> full(List.of("figures", "x"), setting, numbers)),
                keys(List.of("figures", "axes"), given.axes(), named),
                given.width(),
                given.panelHeight(),
                given.fontSize(),
                given.dpi(),
                given.formats());
    }

    private void requireLevel(List<String> path, String setting, String value) {
        Set<String> known = results.runs().stream()
                .flatMap(run -> run.level(setting).stream())
                .map(SettingValue::text)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (swept.contains(setting) && !known.contains(value)) {
            errors.add(file.unknown(path, "must be a value of " + setting + ", got " + value, value, known));
        }
    }

    private List<String> each(String key, List<String> names, Collection<String> known) {
        List<String> full = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            full.add(full(List.of(key, Integer.toString(i)), names.get(i), known));
        }
        return full;
    }

    private <V> Map<String, V> keys(List<String> path, Map<String, V> given, Collection<String> known) {
        Map<String, V> full = new LinkedHashMap<>();
        given.forEach((name, value) -> full.put(full(below(path, name), name, known), value));
        return full;
    }

    private static List<String> below(List<String> path, String key) {
        return Stream.concat(path.stream(), Stream.of(key)).toList();
    }

    /** The name in the file that stands for a setting. */
    private static String written(Set<String> names, String setting) {
        return names.stream()
                .filter(name -> setting.equals(name) || setting.endsWith("." + name))
                .findFirst()
                .orElse(setting);
    }

    /** The full name; reports an error and returns the given one if it is unknown or stands for several. */
    private String full(List<String> path, String name, Collection<String> known) {
        List<String> found = known.contains(name)
                ? List.of(name)
                : known.stream().filter(full -> full.endsWith("." + name)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        errors.add(file.unknown(
                path,
                found.isEmpty()
                        ? "must be a name in the results, got " + name
                        : "must name one setting, got " + name + ", which is one of " + found,
                name,
                known));
        return name;
    }
}
