package dpo.report.evaluation;

import dpo.core.metric.PreferenceMetric;
import dpo.harness.evaluation.PolicyEvaluation;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The numbers of an evaluation as tables: one row per number for programs, one row per set and group for people. */
public final class EvaluationTables {

    private static final List<String> COLUMNS =
            List.of("set", "group", "objective", "metric", "value", "low", "high", "interval", "n", "prompts");

    /** Metric → its name, of tables that with their intervals fit into a terminal. */
    private static final List<Map<String, String>> SHOWN = List.of(
            named(Items.ACCURACY, "accuracy", "rewards/margins", "margin", Items.LOSS, "loss"),
            named(Measured.BALANCED, "balanced", Measured.LONGER, "long", Measured.SHORTER, "short"),
            named(
                    "rewards/brier",
                    "Brier",
                    "rewards/calibration_error",
                    "ECE",
                    "rewards/calibration_error_floor",
                    "ECE floor",
                    "forward_kl_per_token",
                    "KL"));

    private static final String CAPTION = """
            Means over pairs (weights affect the loss only); a tie counts one half. The 95 % interval of an accuracy is
            Wilson's if every pair has a prompt of its own; all others are t intervals that take pairs of one prompt as
            dependent. Long, short: accuracy of the pairs whose chosen completion has more, fewer tokens; balanced: their
            mean. ECE: calibration error; its floor is that of a calibrated policy. KL: forward_kl_per_token, nats.
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

    /** Tables per objective for a terminal, with a caption. */
    public String text() {
        StringBuilder text = new StringBuilder();
        rows.stream().map(Row::objective).distinct().forEach(objective -> {
            text.append("objective: ").append(objective).append("\n\n");
            List<Row> ofObjective = rows.stream()
                    .filter(row -> row.objective().equals(objective))
                    .toList();
            for (Map<String, String> shown : SHOWN) {
                table(ofObjective, shown).ifPresent(table -> text.append(TableFormat.TABLE.render(table))
                        .append('\n'));
            }
        });
        if (!rows.isEmpty()) {
            text.append(CAPTION);
        }
        world.forEach((metric, value) -> text.append(String.format(Locale.ROOT, "%s: %.6g (exact)%n", metric, value)));
        return text.toString();
    }

    /** A table of these metrics; empty if no row has one. */
    private static Optional<Table> table(List<Row> rows, Map<String, String> shown) {
        if (shown.keySet().stream().noneMatch(metric -> rows.stream()
                .anyMatch(row -> row.estimates().containsKey(metric)))) {
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>(List.of("set", "group", "pairs", "prompts"));
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
            lines.add(line);
        }
        shown.forEach((metric, name) -> add(metric, name, rows, columns, lines));
        return Optional.of(new Table(columns, lines));
    }

    /** Adds the columns of a metric, with its interval if it has one in a row; none if no row has the metric. */
    private static void add(
            String metric, String name, List<Row> rows, List<String> columns, List<List<@Nullable Object>> lines) {
        List<Interval> values = rows.stream()
                .map(row -> Optional.ofNullable(row.estimates().get(metric))
                        .map(Estimate::value)
                        .orElse(Interval.without(Double.NaN, 0)))
                .toList();
        if (rows.stream().noneMatch(row -> row.estimates().containsKey(metric))) {
            return;
        }
        boolean hasInterval = values.stream().anyMatch(Interval::isKnown);
        columns.addAll(hasInterval ? Table.withInterval(name, IntervalKind.CI95) : List.of(name));
        for (int i = 0; i < lines.size(); i++) {
            List<@Nullable Object> cells = Table.cells(values.get(i));
            lines.get(i).addAll(hasInterval ? cells : cells.subList(0, 1));
        }
    }

    private static Map<String, String> named(String... metricsAndNames) {
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < metricsAndNames.length; i += 2) {
            named.put(metricsAndNames[i], metricsAndNames[i + 1]);
        }
        return named;
    }
}
