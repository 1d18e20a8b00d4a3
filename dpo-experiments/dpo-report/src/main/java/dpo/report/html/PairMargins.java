package dpo.report.html;

import dpo.report.results.EvaluationSets;
import dpo.report.results.Results;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The margin of log-ratios of each pair of an evaluation set at the last evaluation of each run.
 *
 * @param pairs ids of the pairs, by the first number in an id
 * @param byRun run → pair → Δ in nats
 */
record PairMargins(List<String> pairs, Map<String, Map<String, Double>> byRun) {

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    /** The margins by name of the evaluation set; ranked lists and labelled completions have none. */
    static Map<String, PairMargins> of(Results results) {
        List<String> columns = results.columns("pairs");
        if (!columns.contains("policy")) {
            return Map.of();
        }
        String set = columns.contains("set") ? "coalesce(p.\"set\", '')" : "''";
        String reference =
                columns.contains("reference") ? " - coalesce(p.reference.chosen - p.reference.rejected, 0)" : "";
        List<List<@Nullable Object>> rows;
        try {
            rows = results.query("WITH last AS (SELECT run, max(step) AS step FROM pairs GROUP BY run) SELECT p.run, "
                            + set + ", p.pair::VARCHAR, p.policy.chosen - p.policy.rejected" + reference
                            + " FROM pairs p JOIN last ON p.run = last.run AND p.step = last.step")
                    .rows();
        } catch (IllegalArgumentException noPairs) {
            return Map.of(); // the completions of lists and labels are not named chosen and rejected
        }
        Map<String, Map<String, Map<String, Double>>> sets = new TreeMap<>();
        for (List<@Nullable Object> row : rows) {
            if (row.get(3) instanceof Number margin) {
                sets.computeIfAbsent(String.valueOf(row.get(1)), key -> new TreeMap<>())
                        .computeIfAbsent(String.valueOf(row.get(0)), key -> new LinkedHashMap<>())
                        .put(String.valueOf(row.get(2)), margin.doubleValue());
            }
        }
        Map<String, PairMargins> margins = new LinkedHashMap<>();
        for (String name : inOrder(sets.keySet(), results)) {
            Map<String, Map<String, Double>> runs = Objects.requireNonNull(sets.get(name));
            margins.put(name, new PairMargins(ids(runs), runs));
        }
        return margins;
    }

    /** The sets in the order of the configuration, which that of the metrics is. */
    private static List<String> inOrder(Set<String> sets, Results results) {
        List<String> prefixes = EvaluationSets.of(results.metrics()).prefixes();
        return sets.stream()
                .sorted(Comparator.comparingInt(
                        set -> prefixes.indexOf(EvaluationSets.EVALUATION + (set.isEmpty() ? "" : set + "/"))))
                .toList();
    }

    private static List<String> ids(Map<String, Map<String, Double>> byRun) {
        Set<String> ids = new LinkedHashSet<>();
        byRun.values().forEach(pairs -> ids.addAll(pairs.keySet()));
        List<String> sorted = new ArrayList<>(ids);
        sorted.sort(Comparator.comparingLong(PairMargins::number).thenComparing(Comparator.naturalOrder()));
        return sorted;
    }

    /** The first number in an id, such as 115 in "row-115/annotator1"; ids without one are last. */
    private static long number(String id) {
        Matcher number = NUMBER.matcher(id);
        return number.find() ? Long.parseLong(number.group()) : Long.MAX_VALUE;
    }
}
