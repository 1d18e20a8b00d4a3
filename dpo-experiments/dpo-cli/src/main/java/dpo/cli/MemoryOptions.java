package dpo.cli;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.memory.MemoryCheck;
import dpo.harness.sweep.PlannedRun;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The memory check of {@code train}, {@code sweep} and {@code reproduce}, before anything is written. */
final class MemoryOptions {

    @Option(
            names = "--ignore-memory",
            description = "Start even if the estimated memory far exceeds the available memory.")
    private boolean ignored;

    private boolean warned;

    /**
     * Warns of models that are too large for this machine and refuses those that are far too large, before they are
     * opened.
     */
    void checkModels(Backends backends, List<ExperimentFile.Cell> cells, Console console) {
        List<ExperimentConfig> runs =
                cells.stream().map(ExperimentFile.Cell::config).toList();
        MemoryCheck check = MemoryCheck.ofModels(backends, runs, MemoryCheck.available(backends, runs));
        refuse(check);
        warn(check, console);
    }

    /**
     * Prints the estimated memory of runs, with a warning if it exceeds the available memory, and refuses runs that
     * exceed it by far.
     *
     * @param runs runs without a result
     * @param atOnce number of runs in parallel
     */
    void check(Backends backends, List<PlannedRun> runs, int atOnce, Console console) {
        List<ExperimentConfig> configs = runs.stream().map(PlannedRun::config).toList();
        MemoryCheck check = MemoryCheck.of(backends, runs, atOnce, MemoryCheck.available(backends, configs));
        refuse(check);
        check.line().ifPresent(console::print);
        warn(check, console);
    }

    private void refuse(MemoryCheck check) {
        if (!ignored) {
            check.requireWithinLimit();
        }
    }

    /** Prints the warning of a check, unless an earlier check has warned already. */
    private void warn(MemoryCheck check, Console console) {
        Optional<String> warning = ignored || warned ? Optional.empty() : check.warning();
        warning.ifPresent(console::print);
        warned |= warning.isPresent();
    }
}
