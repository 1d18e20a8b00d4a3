package dpo.report.html;

import dpo.harness.config.SettingValue;
import dpo.harness.store.Json;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.settings.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The interactive section of a report: runs to sort and filter, metrics against each other, two runs compared pair by
 * pair. The page holds its data and its program; nothing is loaded.
 */
final class Explorer {

    /** The most runs whose pairs the page holds. */
    private static final int MOST_RUNS_WITH_PAIRS = 200;

    /** The most margins of an evaluation set, over all runs, and the most pairs of a set. */
    private static final int MOST_MARGINS = 60_000;

    private static final int MOST_PAIRS = 1_000;

    private static final double ROUNDING = 1e4;

    private static final MathContext DIGITS = new MathContext(6);

    private static final String NOTE = "Δ of a pair: (log πθ − log π_ref) of the chosen completion minus that of the"
            + " rejected one, in nats; without a reference, of log πθ alone. At the last evaluation of a run.";

    private static final String NO_PAIRS =
            "There are no pairs to compare: the runs have no held-out data, or ranked lists"
                    + " or labelled completions, which have no chosen and rejected completion.";

    private Explorer() {}

    /**
     * What the page's program reads.
     *
     * @param settings the swept settings
     * @param metrics the results
     * @param shown the results that the table shows
     * @param note what Δ is, or why there are no pairs
     */
    private record Data(
            List<Named> settings,
            List<Named> metrics,
            List<String> shown,
            String note,
            List<RunData> runs,
            List<PairData> sets) {}

    /** A setting or metric, with the name that the report gives it. */
    private record Named(String name, String label) {

        static List<Named> all(List<String> names, Labels labels) {
            return names.stream()
                    .map(name -> new Named(name, labels.of(name).orElse(name)))
                    .toList();
        }
    }

    /**
     * A run.
     *
     * @param labels the names that the report gives to the values of the settings; null for a value without
     */
    private record RunData(
            String id,
            String status,
            List<@Nullable Object> settings,
            List<@Nullable String> labels,
            List<@Nullable Double> metrics) {}

    /**
     * An evaluation set.
     *
     * @param total its number of pairs
     * @param pairs ids of the pairs on the page
     * @param texts prompt, chosen and rejected text of the first pairs
     * @param note which texts there are
     * @param margins Δ of each pair, by the index of the run
     * @param groups runs with equal numbers have the same pairs, by the index of the run; the texts are those of group 0
     */
    private record PairData(
            String name,
            int total,
            List<String> pairs,
            List<@Nullable List<String>> texts,
            String note,
            Map<String, List<@Nullable Double>> margins,
            Map<String, Integer> groups) {}

    /** Writes the section, with the names of the report. */
    static void write(Results results, Labels labels, Html html) {
        String json = Json.line(data(results, labels));
        html.markup("<div id=\"explorer-section\">\n")
                .element("h2", "Explore")
                .markup("<noscript>This section needs JavaScript; the tables and figures below do not.</noscript>\n")
                .markup("<div id=\"explorer\" hidden></div>\n</div>\n")
                // In a script element only "</script" and "<!--" have a meaning, which no escaped "<" begins.
                .markup("<script type=\"application/json\" id=\"explorer-data\">" + json.replace("<", "\\u003c")
                        + "</script>\n")
                .markup("<script>\n" + program() + "</script>\n");
    }

    private static String program() {
        try (InputStream in = Explorer.class.getResourceAsStream("explorer.js")) {
            if (in == null) {
                throw new IllegalStateException("the class path must hold dpo/report/html/explorer.js");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Data data(Results results, Labels labels) {
        List<String> settings = results.settings();
        List<String> metrics = results.metrics();
        List<RunData> runs = new ArrayList<>();
        for (Run run : results.runs()) {
            List<@Nullable Object> levels = new ArrayList<>();
            List<@Nullable String> names = new ArrayList<>();
            for (String setting : settings) {
                levels.add(level(run, setting));
                names.add(run.level(setting)
                        .flatMap(level -> labels.of(setting, level))
                        .orElse(null));
            }
            List<@Nullable Double> values = new ArrayList<>();
            metrics.forEach(metric -> values.add(shown(run.metric(metric))));
            runs.add(new RunData(run.id(), run.status(), levels, names, values));
        }
        boolean hasPairs = results.runs().size() <= MOST_RUNS_WITH_PAIRS;
        List<PairData> sets = hasPairs ? sets(results) : List.of();
        String note = hasPairs
                ? sets.isEmpty() ? NO_PAIRS : NOTE
                : "Pairs are on this page for up to " + MOST_RUNS_WITH_PAIRS + " runs; dpo diff compares two runs.";
        return new Data(
                Named.all(settings, labels), Named.all(metrics, labels), results.mainMetrics(), note, runs, sets);
    }

    private static @Nullable Object level(Run run, String setting) {
        Object value = run.settings().get(setting);
        return value == null || value instanceof Number || value instanceof String || value instanceof Boolean
                ? value
                : SettingValue.of(value).text();
    }

    /** A number with the digits that the page can show; null if it is not finite. */
    private static @Nullable Double shown(double value) {
        return Double.isFinite(value)
                ? (Double) new BigDecimal(value).round(DIGITS).doubleValue()
                : null;
    }

    private static List<PairData> sets(Results results) {
        Map<String, Integer> indices = new LinkedHashMap<>();
        results.runs().forEach(run -> indices.put(run.id(), indices.size()));
        PairGroups groups = PairGroups.of(results.runs());
        PairTexts texts = PairTexts.of(results.runs());
        List<PairData> sets = new ArrayList<>();
        PairMargins.of(results).forEach((set, margins) -> sets.add(set(set, margins, indices, groups.of(set), texts)));
        return sets;
    }

    private static PairData set(
            String name,
            PairMargins margins,
            Map<String, Integer> indices,
            Map<String, Integer> groupOf,
            PairTexts texts) {
        int most =
                Math.min(MOST_PAIRS, Math.max(1, MOST_MARGINS / margins.byRun().size()));
        List<String> pairs = margins.pairs().stream().limit(most).toList();
        Map<String, List<@Nullable Double>> byRun = new TreeMap<>();
        Map<String, Integer> groups = new TreeMap<>();
        margins.byRun().forEach((run, values) -> {
            List<@Nullable Double> row = new ArrayList<>();
            for (String pair : pairs) {
                row.add(Optional.ofNullable(values.get(pair))
                        .filter(Double::isFinite)
                        .map(value -> Math.round(value * ROUNDING) / ROUNDING)
                        .orElse(null));
            }
            byRun.put(String.valueOf(indices.get(run)), row);
            groups.put(String.valueOf(indices.get(run)), groupOf.get(run));
        });
        PairTexts.Of ofSet = texts.of(name, pairs);
        String cut =
                pairs.size() < margins.pairs().size() ? "The page holds the first " + pairs.size() + " pairs. " : "";
        return new PairData(name, margins.pairs().size(), pairs, ofSet.texts(), cut + ofSet.note(), byRun, groups);
    }
}
