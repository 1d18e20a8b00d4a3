package dpo.cli;

import dpo.report.html.Report;
import dpo.report.settings.ReportFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dpo report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Writes into a sweep or run folder: report.html, a self-contained page; figures/ as SVG, PNG and PDF; tables/"
                    + " for LaTeX.",
            "A file report.yaml chooses metrics, rows, names, intervals, baseline, axes and sizes; docs/paper.md has an"
                    + " example."
        })
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "Folder of a sweep or of a run.")
    private Path folder = Path.of("");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings of the report. Default: report.yaml in DIR, if there is one.")
    private Optional<Path> config = Optional.empty();

    @Override
    public Integer call() {
        ReportFile.of(folder, config).ifPresent(file -> Console.standard().print("settings of the report: " + file));
        System.out.println(UserErrors.asInvalidInput(() -> Report.write(folder, config)));
        return 0;
    }
}
