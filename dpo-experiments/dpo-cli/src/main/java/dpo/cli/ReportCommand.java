package dpo.cli;

import dpo.report.html.Report;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dpo report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes report.html, a self-contained page, and figures/ into a sweep or run folder.")
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
        System.out.println(UserErrors.asInvalidInput(() -> Report.write(folder)));
        return 0;
    }
}
