package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.settings.Labels;
import dpo.report.settings.ReportSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The layout of a sweep's settings in figures.
 *
 * <p>A setting varies if runs have different values, or some runs do not have it. If a section is null in one run and
 * has keys in another ({@code model.adapter: [null, {rank: 4}]}), each of these keys is null in the first.
 *
 * @param factor the setting on the x axis: the given one, or else the first β with several numbers, or else the first setting with several
 *     numbers, or with a number and null
 * @param parameters the other settings with several numbers. A run without the factor is placed by the first of these
 *     that it has: the parameter of its own objective.
 * @param others the other settings that vary, except those over which means are; their values name a series
 * @param labels names of settings and values
 */
record Design(Optional<String> factor, List<String> parameters, List<String> others, Labels labels) {

    /** The level of a run without one. */
    static final SettingValue WITHOUT = SettingValue.ofJson("–");

    static Design of(Results results, ReportSettings given) {
        List<Run> runs = results.runs();
        List<String> settings = results.settings().stream()
                .filter(setting ->
                        !setting.equals(Results.SEED) && !given.worlds().contains(setting))
                .toList();
        List<String> leaves = settings.stream()
                .filter(setting -> !isSection(runs, settings, setting))
                .toList();
        List<String> varied = leaves.stream()
                .filter(setting ->
                        runs.stream().map(run -> level(run, setting)).distinct().count() > 1)
                .toList();
        List<String> numeric = varied.stream()
                .filter(setting -> levels(runs, setting).distinct().count() > 1)
                .filter(setting ->
                        levels(runs, setting).allMatch(level -> level.isNumber() || level.equals(SettingValue.NULL)))
                .toList();
        Optional<String> factor = given.figures()
                .x()
                .filter(numeric::contains)
                .or(() -> numeric.stream()
                        .filter(setting -> lastPart(setting).equals("beta"))
                        .findFirst())
                .or(() -> numeric.stream().findFirst());
        Predicate<String> isFactor = setting -> factor.equals(Optional.of(setting));
        return new Design(
                factor,
                numeric.stream().filter(isFactor.negate()).toList(),
                varied.stream().filter(isFactor.negate()).toList(),
                given.names());
    }

    /** Whether a setting has keys in some runs, and no value of its own in any but null; a label is a value. */
    private static boolean isSection(List<Run> runs, List<String> settings, String setting) {
        return settings.stream().anyMatch(other -> other.startsWith(setting + "."))
                && runs.stream().flatMap(run -> run.level(setting).stream()).allMatch(SettingValue.NULL::equals);
    }

    private static Stream<SettingValue> levels(List<Run> runs, String setting) {
        return runs.stream().flatMap(run -> level(run, setting).stream());
    }

    /** The run's value of a setting: null if an enclosing section is null; empty if the run does not have it. */
    private static Optional<SettingValue> level(Run run, String setting) {
        return run.level(setting).or(() -> nullSection(run, setting).map(section -> SettingValue.NULL));
    }

    private static Optional<String> nullSection(Run run, String setting) {
        for (int end = setting.lastIndexOf('.'); end > 0; end = setting.lastIndexOf('.', end - 1)) {
            String section = setting.substring(0, end);
            if (run.level(section).equals(Optional.of(SettingValue.NULL))) {
                return Optional.of(section);
            }
        }
        return Optional.empty();
    }

    /** The run's value of the factor, or of its substitute; {@link #WITHOUT} if it has neither. */
    SettingValue level(Run run) {
        return levelSetting(run).flatMap(setting -> level(run, setting)).orElse(WITHOUT);
    }

    /** Whether the run has the factor itself, rather than a substitute. */
    boolean hasFactor(Run run) {
        return factor.isPresent() && level(run, factor.get()).isPresent();
    }

    /** The name of the setting of {@link #level}, as an axis shows it. */
    String levelLabel(Run run) {
        return levelSetting(run).map(this::label).orElse("");
    }

    private Optional<String> levelSetting(Run run) {
        if (factor.isEmpty() || hasFactor(run)) {
            return factor;
        }
        return parameters.stream()
                .filter(setting ->
                        run.level(setting).filter(SettingValue::isNumber).isPresent())
                .findFirst();
    }

    /** The levels among the runs: null first, then numbers by size, {@link #WITHOUT} last. */
    List<SettingValue> levels(List<Run> runs) {
        return runs.stream().map(this::level).distinct().sorted().toList();
    }

    /** The name of the run's series; empty if there is only one. */
    String series(Run run) {
        Optional<String> ofLevel = levelSetting(run);
        return others.stream()
                .filter(setting -> !ofLevel.equals(Optional.of(setting)))
                .flatMap(setting -> level(run, setting)
                        .map(level -> describe(
                                run.level(setting).isPresent()
                                        ? setting
                                        : nullSection(run, setting).orElseThrow(),
                                level))
                        .stream())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** The series among the runs, in the order of their settings. */
    List<String> series(List<Run> runs) {
        return runs.stream().map(this::series).distinct().toList();
    }

    /** Whether some runs differ only in their seeds. */
    boolean isRepeated(List<Run> runs) {
        return runs.stream()
                        .map(run -> List.of(series(run), level(run)))
                        .distinct()
                        .count()
                < runs.size();
    }

    /** The settings that are constant in some runs, but not in all, such as those of a world; empty if these are all. */
    String difference(List<Run> some, List<Run> all) {
        return some.get(0).settings().keySet().stream()
                .filter(setting -> values(some, setting) == 1 && values(all, setting) > 1)
                .map(setting -> describe(setting, some.get(0).level(setting).orElse(WITHOUT)))
                .collect(Collectors.joining(", "));
    }

    private static long values(List<Run> runs, String setting) {
        return runs.stream().map(run -> run.level(setting)).distinct().count();
    }

    /** The factor's name as an axis shows it. */
    String factorLabel() {
        return factor.map(this::label).orElse("");
    }

    /** A value with its setting's name, such as "β = 0.1"; a word such as "ipo" has no name before it. */
    String describe(String setting, SettingValue level) {
        Optional<String> given = labels.of(setting, level);
        if (given.isPresent()) {
            return given.get();
        }
        if (level.isNumber()) {
            return label(setting) + " = " + number(level);
        }
        boolean isWord = Character.isLetter(level.text().codePointAt(0))
                && !List.of(SettingValue.NULL.text(), "true", "false").contains(level.text());
        return isWord ? level.shortText() : label(setting) + " " + level.shortText();
    }

    /** A level of the factor as an axis or a label shows it. */
    String levelText(SettingValue level) {
        return factor.flatMap(setting -> labels.of(setting, level)).orElseGet(() -> number(level));
    }

    private static String number(SettingValue level) {
        return level.isNumber() ? level.text().replace('-', '−') : level.shortText();
    }

    private String label(String setting) {
        String last = lastPart(setting);
        return labels.of(setting).orElse(last.equals("beta") ? "β" : last.replace('_', ' '));
    }

    private static String lastPart(String setting) {
        return setting.substring(setting.lastIndexOf('.') + 1);
    }
}
