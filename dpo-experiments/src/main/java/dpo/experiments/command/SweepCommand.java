package dpo.experiments.command;

import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentFile;
import dpo.experiments.report.Report;
import dpo.experiments.results.Results;
import dpo.experiments.results.TableFormat;
import dpo.experiments.store.FolderLock;
import dpo.experiments.sweep.PlannedRun;
import dpo.experiments.sweep.Planner;
import dpo.experiments.sweep.RunExecution;
import dpo.experiments.sweep.Sweep;
import dpo.experiments.train.ReferenceCache;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dpo sweep}. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = {
            "Computes every cell of a config's sweep that has no result yet, prints the table and writes the report.",
            "Cells are addressed by their content: starting again goes on where an earlier start ended."
        })
final class SweepCommand implements Callable<Integer> {

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Override
    public Integer call() {
        Backends backends = Backends.onClassPath();
        Console console = Console.standard();
        ExperimentFile file = options.read(backends);
        List<ExperimentFile.Cell> cells = file.cells();
        Planner planner = new Planner(backends);
        List<PlannedRun> runs = planner.plan(cells);
        DataSummary.tell(runs, console);
        Path folder = options.outputFolder(cells.get(0).config().name());
        try (FolderLock held = FolderLock.of(folder);
                StopOnSignal stop = StopOnSignal.install(console)) {
            RunExecution execution = new RunExecution(
                    planner, backends, new ReferenceCache(folder.resolve("reference"), stop::requested), console, stop::requested);
            Sweep.Outcome outcome = new Sweep(folder, runs).run(execution, options.text(), console::say);
            if (outcome.interrupted()) {
                console.say("interrupted; the same command goes on from here");
                return ErrorMessages.INTERRUPTED;
            }
            console.say(outcome.computed() + " computed, " + outcome.alreadyThere() + " already there, "
                    + outcome.failed() + " failed");
            try (Results results = Results.open(folder)) {
                System.out.print(TableFormat.TABLE.render(results.overview()));
            }
            console.say("report: " + Report.write(folder));
            return outcome.failed() == 0 ? 0 : ErrorMessages.FAILED;
        }
    }
}
