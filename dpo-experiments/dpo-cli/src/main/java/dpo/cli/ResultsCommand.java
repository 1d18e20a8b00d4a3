package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.report.comparison.Adjustment;
import dpo.report.comparison.Comparison;
import dpo.report.comparison.Selection;
import dpo.report.figure.GapsAtKl;
import dpo.report.results.Results;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.statistics.IntervalKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo results}. */
@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the results of a sweep or run folder as a table: means over seeds with 95 %% confidence intervals,"
                    + " or one row per run if no setting has several seeds.",
            "With --baseline, compares each setting with one of them; with --highest or --lowest, reports the best"
                    + " setting on other seeds than those that select it; with --gap-at, compares series at equal KL in"
                    + " the controlled world.",
            "With --sql, prints the result of a query over the views runs, summary, metrics, evaluations, pairs and"
                    + " frontier; names with dots or slashes need double quotes:"
                    + " select \"objective.preference.beta\", \"eval/loss\" from runs"
        })
final class ResultsCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
    private Path folder = Path.of("");

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "A metric to show; may be repeated. Default: losses, margins, accuracies, the exact metrics"
                    + " of the controlled world, and your own.")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--interval",
            paramLabel = "KIND",
            description = "What the interval around a mean shows: ci95 (95 %% confidence interval by Student's t), sd"
                    + " (standard deviation), sem (standard error) or range. Default: ci95.")
    private Optional<IntervalKind> interval = Optional.empty();

    @Option(
            names = "--worlds",
            paramLabel = "SETTING",
            description = "A swept setting, such as the seed of a world or the data set, whose values stand for all of"
                    + " their kind; means are over them, and they are the unit of replication. May be repeated.")
    private List<String> worlds = new ArrayList<>();

    @Option(
            names = "--iqm",
            description = "With --worlds: interquartile means of all runs, with intervals by a stratified bootstrap.")
    private boolean interquartile;

    @Option(
            names = "--pairs",
            description = "Intervals that hold for other held-out pairs as well as other seeds: both are random, pairs"
                    + " are clustered by prompt.")
    private boolean pairs;

    @Option(
            names = "--baseline",
            paramLabel = "KEY=VALUE",
            description = "Compare each setting with the setting of this value; repeat the option for several values."
                    + " KEY is a swept key or its last part, e.g. type=sigmoid. Runs of the same seed are paired.")
    private List<String> baseline = new ArrayList<>();

    @Option(
            names = "--correction",
            paramLabel = "NAME",
            description = "Correction of the p-values of --baseline for several comparisons: holm, dunnett,"
                    + " benjamini_hochberg or none. Default: holm.")
    private Optional<Adjustment> correction = Optional.empty();

    @Option(
            names = "--highest",
            paramLabel = "METRIC",
            description = "Report the setting with the highest mean of METRIC over the first half of the seeds, on the"
                    + " other seeds.")
    private Optional<String> highest = Optional.empty();

    @Option(names = "--lowest", paramLabel = "METRIC", description = "The same for the lowest mean.")
    private Optional<String> lowest = Optional.empty();

    @Option(
            names = "--gap-at",
            paramLabel = "KL",
            description = "In the controlled world: how far each series stays below the exact optimum at this KL in"
                    + " nats, interpolated between its settings; may be repeated.")
    private List<Double> gapsAt = new ArrayList<>();

    @Option(names = "--sql", paramLabel = "QUERY", description = "One read-only query in DuckDB's SQL.")
    private Optional<String> sql = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private TableFormat format = TableFormat.TABLE;

    @Override
    public Integer call() {
        requireOneQuestion();
        System.out.print(UserErrors.asInvalidInput(() -> {
            try (Results results = Results.open(folder)) {
                results.warnings().forEach(Console.standard()::print);
                return format.render(table(results));
            }
        }));
        return 0;
    }

    private void requireOneQuestion() {
        List<String> questions = Stream.of(
                        sql.map(text -> "--sql"),
                        highest.map(text -> "--highest"),
                        lowest.map(text -> "--lowest"),
                        baseline.stream().findFirst().map(text -> "--baseline"),
                        gapsAt.stream().findFirst().map(kl -> "--gap-at"))
                .flatMap(Optional::stream)
                .toList();
        require(
                questions.size() < 2,
                "options must be one of --sql, --highest, --lowest, --baseline and --gap-at",
                questions);
        require(correction.isEmpty() || !baseline.isEmpty(), "--correction must come with --baseline", correction);
        boolean isSql = sql.isPresent();
        require(!isSql || metrics.isEmpty(), "--metric must be absent with --sql", metrics);
        require(!isSql || interval.isEmpty(), "--interval must be absent with --sql", interval);
        require(interval.isEmpty() || baseline.isEmpty(), "--interval must be absent with --baseline", interval);
        require(metrics.isEmpty() || gapsAt.isEmpty(), "--metric must be absent with --gap-at", metrics);
        require(worlds.isEmpty() || questions.isEmpty(), "--worlds must be absent with " + questions, worlds);
        require(!pairs || questions.isEmpty(), "--pairs must be absent with " + questions, pairs);
    }

    private static void require(boolean holds, String constraint, Object got) {
        if (!holds) {
            throw new InvalidInputException(
                    constraint + ", got " + (got instanceof Optional<?> one ? one.orElse(null) : got));
        }
    }

    private Table table(Results results) {
        if (sql.isPresent()) {
            return results.answer(sql.get());
        }
        if (!gapsAt.isEmpty()) {
            return GapsAtKl.table(results, gapsAt, interval.orElse(IntervalKind.CI95));
        }
        List<String> shown = metrics.isEmpty() ? results.mainMetrics() : metrics;
        results.requireKnown(shown);
        IntervalKind kind = interval.orElse(IntervalKind.CI95);
        if (!baseline.isEmpty()) {
            return new Comparison(results, KeyValues.of("--baseline", baseline), correction.orElse(Adjustment.HOLM))
                    .table(shown);
        }
        if (highest.isPresent() || lowest.isPresent()) {
            return new Selection(results, highest.or(() -> lowest).orElseThrow(), highest.isPresent())
                    .table(shown, kind);
        }
        List<String> over = worlds.stream().map(results::setting).toList();
        return results.overview(new SummaryOptions(kind, over, pairs, interquartile), shown);
    }
}
