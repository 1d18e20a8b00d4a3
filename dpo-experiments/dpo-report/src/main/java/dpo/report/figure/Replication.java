package dpo.report.figure;

import dpo.report.results.Summary;
import dpo.report.settings.ReportSettings;
import java.util.stream.Collectors;

/** What captions of figures say of repeated runs, as those of tables do. */
final class Replication {

    private Replication() {}

    /** The unit of replication: "seeds". */
    static String unit(ReportSettings settings) {
        return settings.worlds().isEmpty()
                ? "seeds"
                : "values of "
                        + settings.worlds().stream()
                                .map(world -> settings.names().of(world).orElse(world))
                                .collect(Collectors.joining(" and "))
                        + ", each a mean over seeds";
    }

    /** The number of units in a mean: "n = 3", or "n from 2 to 3". */
    static String count(Summary summary) {
        int fewest = summary.rows().stream()
                .mapToInt(summary::n)
                .filter(n -> n > 0)
                .min()
                .orElse(0);
        int most = summary.rows().stream().mapToInt(summary::n).max().orElse(0);
        return fewest == most ? "n = " + most : "n from " + fewest + " to " + most;
    }

    /** The means and intervals of final metrics, as tables have them. */
    static String means(ReportSettings settings, Summary summary) {
        return (settings.iqm()
                        ? "interquartile mean of all runs"
                        : "mean over " + unit(settings) + " (geometric mean of KL divergences)")
                + "; bars: " + summary.intervals() + ", " + count(summary);
    }

    /** Says what intervals cover beside seeds, and with which baseline a table compares. */
    static String remarks(ReportSettings settings) {
        return (settings.pairs()
                        ? " Intervals are over seeds and held-out pairs; only metrics that are means over stored pairs"
                                + " have one."
                        : "")
                + comparison(settings);
    }

    /** Names baseline and correction of the comparison that the report has as a table. */
    private static String comparison(ReportSettings settings) {
        return settings.baseline().isEmpty()
                ? ""
                : " Intervals are of single means; the table compares them with the baseline "
                        + settings.baseline().entrySet().stream()
                                .map(entry ->
                                        settings.names().of(entry.getKey()).orElse(entry.getKey()) + " = "
                                                + settings.names()
                                                        .of(entry.getKey(), entry.getValue())
                                                        .orElse(entry.getValue().text()))
                                .collect(Collectors.joining(", "))
                        + " (" + settings.correction().description() + ").";
    }
}
