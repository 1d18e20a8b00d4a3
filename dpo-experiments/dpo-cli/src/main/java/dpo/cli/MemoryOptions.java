package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.memory.MemoryCheck;
import dpo.harness.sweep.PlannedRun;
import java.util.List;
import picocli.CommandLine.Option;

/** What {@code train} and {@code sweep} do about memory before anything is written. */
final class MemoryOptions {

    @Option(names = "--ignore-memory", description = "Start even if the estimated memory exceeds the available memory.")
    private boolean ignored;

    /** Refuses runs of models that are too large for this machine, before they are opened to be looked at. */
    void checkModels(Backends backends, List<ExperimentFile.Cell> cells) {
        if (!ignored) {
            List<ExperimentConfig> runs =
                    cells.stream().map(ExperimentFile.Cell::config).toList();
            MemoryCheck.ofModels(backends, runs, MemoryCheck.available(backends, runs))
                    .requireFits();
        }
    }

    /**
     * Prints the estimated memory of runs and refuses runs that do not fit.
     *
     * @param runs runs without a result
     * @param atOnce how many are computed at the same time
     */
    void check(Backends backends, List<PlannedRun> runs, int atOnce, Console console) {
        List<ExperimentConfig> configs = runs.stream().map(PlannedRun::config).toList();
        MemoryCheck check = MemoryCheck.of(backends, runs, atOnce, MemoryCheck.available(backends, configs));
        if (!ignored) {
            check.requireFits();
        }
        check.line().ifPresent(console::say);
    }
}
