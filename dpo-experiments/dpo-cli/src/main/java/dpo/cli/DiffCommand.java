package dpo.cli;

import dpo.harness.config.Backends;
import dpo.report.diff.Diff;
import dpo.report.results.TableFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo diff}. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Compares two runs or two sweeps: the settings, files, data rows, tensors, classes and environments that"
                    + " differ, and the metrics side by side.",
            "Two runs with the same held-out pairs: by the paired t test over pairs, clustered by prompt; accuracies by"
                    + " the exact test of McNemar if every pair has a prompt of its own.",
            "Two sweeps: cells are matched by the settings that both sweep, and compared as dpo results --baseline does:"
                    + " over common seeds by the paired t test, otherwise by Welch's; KL divergences by ratios. p Holm is"
                    + " corrected for the number of cells."
        },
        footer = {"", "Exit codes: 0 nothing but times differs; 1 something differs; 2 bad input."})
final class DiffCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "A", description = "Folder of a run or of a sweep.")
    private Path a = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "Folder of the other run or sweep.")
    private Path b = Path.of("");

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "A metric to compare; may be repeated. Default: all metrics of two runs, the main ones of two"
                    + " sweeps.")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private TableFormat format = TableFormat.TABLE;

    @Override
    public Integer call() {
        Diff diff = UserErrors.asInvalidInput(() -> Diff.between(a, b, metrics, Backends.onClassPath()));
        System.out.print(diff.render(format));
        diff.notes().forEach(Console.standard()::print);
        return diff.differs() ? ErrorMessages.FAILED : 0;
    }
}
