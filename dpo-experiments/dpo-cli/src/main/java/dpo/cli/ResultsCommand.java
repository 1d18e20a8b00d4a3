package dpo.cli;

import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo results}. */
@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the results of a sweep or run folder as a table.",
            "With --sql, prints the result of a query over the views runs, summary, metrics, evaluations, pairs and"
                    + " frontier; names with dots or slashes need double quotes:"
                    + " select \"objective.preference.beta\", \"eval/loss\" from runs"
        })
final class ResultsCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
    private Path folder = Path.of("");

    @Option(names = "--sql", paramLabel = "QUERY", description = "One read-only query in DuckDB's SQL.")
    private Optional<String> sql = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private TableFormat format = TableFormat.TABLE;

    @Override
    public Integer call() {
        System.out.print(UserErrors.asInvalidInput(() -> {
            try (Results results = Results.open(folder)) {
                results.warnings().forEach(Console.standard()::print);
                return format.render(sql.map(results::answer).orElseGet(results::overview));
            }
        }));
        return 0;
    }
}
