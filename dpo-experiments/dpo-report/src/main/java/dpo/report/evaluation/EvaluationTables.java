package dpo.report.evaluation;

import dpo.core.metric.PreferenceMetric;
import dpo.harness.evaluation.PolicyEvaluation;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers of an evaluation as tables: one row per number for programs, one row per set and group for people. */
public final class EvaluationTables {

    private static final List<String> COLUMNS =
            List.of("set", "group", "objective", "metric", "value", "low", "high", "interval", "n", "prompts");

    private static final Map<String, String> SHOWN = shown();

    private static final String CAPTION = """
            Means over pairs (weights affect the loss only); a tie counts one half. In brackets: 95 % intervals. That of
            an accuracy is Wilson's if every pair has a prompt of its own; all others are t intervals that take pairs of
            one prompt as dependent. Long, short: accuracy of the pairs whose chosen completion has more, fewer tokens;
            balanced: their mean. ECE: calibration error, in parentheses its floor. KL: forward_kl_per_token, nats.
            """;

    private final List<Row> rows = new ArrayList<>();

    /**
     * The estimates of one set or group under one objective.
     *
     * @param set name of the set; may be empty
     * @param group name of the group; empty for the whole set
     */
    private record Row(String set, String group, String objective, Map<String, Estimate> estimates) {}

    private final Map<String, Map<String, Long>> counts;
    private final Map<String, Double> world;

    private EvaluationTables(Map<String, Map<String, Long>> counts, Map<String, Double> world) {
        this.counts = counts;
        this.world = world;
    }

    /**
     * Computes the numbers.
     *
     * @param custom metrics in addition to the built-in ones
     */
    public static EvaluationTables of(PolicyEvaluation.Result result, List<PreferenceMetric> custom) {
        EvaluationTables tables = new EvaluationTables(result.counts(), result.world());
        result.scored().forEach(scored -> scored.sets()
                .forEach(set -> Measured.of(set, scored.objective().loss(), custom, scored.carried())
                        .forEach((group, estimates) -> tables.rows.add(new Row(
                                set.set().name(), group, scored.objective().name(), estimates)))));
        return tables;
    }

    /**
     * One row per number: {@code set}, {@code group}, {@code objective}, {@code metric}, {@code value}, {@code low},
     * {@code high}, kind of {@code interval}, {@code n}, {@code prompts}. Numbers of rows read, used and dropped have
     * the metrics {@code rows/…}.
     */
    public Table tidy() {
        List<List<@Nullable Object>> lines = new ArrayList<>();
        counts.forEach((set, ofSet) -> ofSet.forEach(
                (name, count) -> lines.add(line(set, "", "", "rows/" + name, Estimate.exact(count, count, 0), 0))));
        for (Row row : rows) {
            row.estimates()
                    .forEach((metric, estimate) -> lines.add(
                            line(row.set(), row.group(), row.objective(), metric, estimate, estimate.prompts())));
        }
        world.forEach((metric, value) -> lines.add(line("", "", "", metric, Estimate.exact(value, 0, 0), 0)));
        return new Table(COLUMNS, lines);
    }

    private static List<@Nullable Object> line(
            String set, String group, String objective, String metric, Estimate estimate, int prompts) {
        List<@Nullable Object> line = new ArrayList<>();
        line.add(orNull(set));
        line.add(orNull(group));
        line.add(orNull(objective));
        line.add(metric);
        line.add(estimate.value().estimate());
        line.add(estimate.value().isKnown() ? estimate.value().low() : null);
        line.add(estimate.value().isKnown() ? estimate.value().high() : null);
        line.add(estimate.kind().map(Object::toString).orElse(null));
        line.add(estimate.n() == 0 ? null : estimate.n());
        line.add(prompts == 0 ? null : prompts);
        return line;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** A table per objective for a terminal, with a caption. */
    public String text() {
        StringBuilder text = new StringBuilder();
        rows.stream().map(Row::objective).distinct().forEach(objective -> {
            text.append("objective: ").append(objective).append("\n\n");
            text.append(TableFormat.TABLE.render(table(rows.stream()
                    .filter(row -> row.objective().equals(objective))
                    .toList())));
            text.append('\n');
        });
        if (!rows.isEmpty()) {
            text.append(CAPTION);
        }
        world.forEach((metric, value) -> text.append(String.format(Locale.ROOT, "%s: %.6g (exact)%n", metric, value)));
        return text.toString();
    }

    private static Table table(List<Row> rows) {
        List<String> metrics = SHOWN.keySet().stream()
                .filter(metric -> rows.stream().anyMatch(row -> row.estimates().containsKey(metric)))
                .toList();
        List<String> columns = new ArrayList<>(List.of("set", "group", "pairs", "prompts"));
        metrics.forEach(metric -> columns.add(SHOWN.getOrDefault(metric, metric)));
        List<List<@Nullable Object>> lines = new ArrayList<>();
        for (Row row : rows) {
            Estimate counted = row.estimates()
                    .getOrDefault(
                            Items.ACCURACY, row.estimates().values().iterator().next());
            List<@Nullable Object> line = new ArrayList<>();
            line.add(orNull(row.set()));
            line.add(row.group().isEmpty() ? "all" : row.group());
            line.add(counted.n());
            line.add(counted.prompts());
            metrics.forEach(metric -> line.add(cell(metric, row.estimates())));
            lines.add(line);
        }
        return new Table(columns, lines);
    }

    private static @Nullable String cell(String metric, Map<String, Estimate> estimates) {
        Estimate estimate = estimates.get(metric);
        if (estimate == null) {
            return null;
        }
        Interval value = estimate.value();
        String number = number(value.estimate());
        Estimate floor = estimates.get("rewards/calibration_error_floor");
        if (metric.equals("rewards/calibration_error") && floor != null) {
            return number + " (" + number(floor.value().estimate()) + ")";
        }
        return value.isKnown() ? number + " [" + number(value.low()) + ", " + number(value.high()) + "]" : number;
    }

    private static String number(double value) {
        return Math.abs(value) < 100
                ? String.format(Locale.ROOT, "%.3f", value)
                : String.format(Locale.ROOT, "%.1f", value);
    }

    private static Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put(Items.ACCURACY, "accuracy");
        shown.put(Measured.BALANCED, "balanced");
        shown.put(Measured.LONGER, "long");
        shown.put(Measured.SHORTER, "short");
        shown.put("rewards/margins", "margin");
        shown.put(Items.LOSS, "loss");
        shown.put("rewards/brier", "Brier");
        shown.put("rewards/calibration_error", "ECE");
        shown.put("forward_kl_per_token", "KL");
        return shown;
    }
}
