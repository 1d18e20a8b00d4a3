package dpo.experiments.figure;

import dpo.experiments.results.Results;
import dpo.experiments.results.Run;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How a sweep's settings are laid out in figures.
 *
 * @param factor the numeric setting on the x axis: the first β with several values, or else the first numeric setting
 *     with several
 * @param others the other settings with several values, less the seed; their values name a series. A run that does not
 *     have the factor is laid out along the first number among these that it has: the parameter of its own objective.
 */
record Design(Optional<String> factor, List<String> others) {

    static Design of(Results results) {
        List<Run> runs = results.runs();
        List<String> varied = results.settings().stream()
                .filter(Predicate.not(Results.SEED::equals))
                .filter(setting -> values(runs, setting).size() > 1)
                .toList();
        List<String> numeric = varied.stream()
                .filter(setting -> values(runs, setting).stream().allMatch(Number.class::isInstance))
                .toList();
        Optional<String> factor = numeric.stream()
                .filter(setting -> lastPart(setting).equals("beta"))
                .findFirst()
                .or(() -> numeric.stream().findFirst());
        return new Design(factor, varied.stream().filter(setting -> !factor.equals(Optional.of(setting))).toList());
    }

    private static List<Object> values(List<Run> runs, String setting) {
        return runs.stream().map(run -> run.settings().get(setting)).filter(Objects::nonNull).distinct().toList();
    }

    /** The run's value of the factor, or of the number that stands for it; NaN where it has neither. */
    double level(Run run) {
        Object value = levelSetting(run).map(run.settings()::get).orElse(Double.NaN);
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** Whether the run has the factor itself, and no number that stands for it. */
    boolean hasFactor(Run run) {
        return factor.isPresent() && run.settings().containsKey(factor.get());
    }

    /** The name of what {@link #level} is the value of, as an axis shows it. */
    String levelLabel(Run run) {
        return levelSetting(run).map(Design::label).orElse("");
    }

    private Optional<String> levelSetting(Run run) {
        if (factor.isEmpty() || run.settings().containsKey(factor.get())) {
            return factor;
        }
        return others.stream().filter(setting -> run.settings().get(setting) instanceof Number).findFirst();
    }

    /** The values of the factor among the runs, ascending. */
    List<Double> levels(List<Run> runs) {
        return runs.stream().map(this::level).filter(Double::isFinite).distinct().sorted().toList();
    }

    /** The run's series; empty where there is only one. */
    String series(Run run) {
        Optional<String> level = levelSetting(run);
        return others.stream()
                .filter(setting -> run.settings().containsKey(setting) && !level.equals(Optional.of(setting)))
                .map(setting -> describe(setting, run.settings().get(setting)))
                .collect(Collectors.joining(", "));
    }

    /** The series among the runs, in the order of their settings. */
    List<String> series(List<Run> runs) {
        return runs.stream().map(this::series).distinct().toList();
    }

    /** Whether some setting has several runs, which differ in their seeds alone. */
    boolean isRepeated(List<Run> runs) {
        return runs.stream().map(run -> List.of(series(run), level(run))).distinct().count() < runs.size();
    }

    /** The factor's name as an axis shows it. */
    String factorLabel() {
        return factor.map(Design::label).orElse("");
    }

    /** A value with its setting's name, such as "β = 0.1"; a word such as "ipo" speaks for itself. */
    static String describe(String setting, Object value) {
        return value instanceof Number number
                ? label(setting) + " = " + Style.number(number.doubleValue())
                : value instanceof Boolean ? label(setting) + " " + value : value.toString();
    }

    private static String label(String setting) {
        String last = lastPart(setting);
        return last.equals("beta") ? "β" : last.replace('_', ' ');
    }

    private static String lastPart(String setting) {
        return setting.substring(setting.lastIndexOf('.') + 1);
    }
}
