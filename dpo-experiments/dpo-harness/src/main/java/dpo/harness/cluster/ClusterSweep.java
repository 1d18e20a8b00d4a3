package dpo.harness.cluster;

import dpo.core.InvalidInputException;
import dpo.harness.config.TaskResources;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.RunExecution;
import dpo.harness.sweep.Sweep;
import dpo.train.Progress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Computes the cells of a sweep by processes of a cluster, one per cell, which share the folder of the sweep.
 *
 * @param cluster the machines
 * @param url address of the cluster
 * @param command the command of the worker that computes one cell, given by its id; its exit code is 0 once the cell has
 *     an end, also if it failed
 * @param environment variables of these processes
 * @param resources what a cell needs
 * @param sweep the cells
 * @param execution with the leases of this process
 * @param progress receives the number of completed cells
 * @param print receives lines for the user
 */
public record ClusterSweep(
        Cluster cluster,
        String url,
        Function<String, List<String>> command,
        Map<String, String> environment,
        TaskResources resources,
        Sweep sweep,
        RunExecution execution,
        Progress progress,
        Consumer<String> print) {

    /**
     * Runs the cells without a result, up to one rung of successive halving after the other. A cell whose process crashes
     * at each start is left unfinished.
     *
     * @param name of the sweep, for people
     * @param configText the configuration file, copied to the folder
     * @throws ClusterException if the cluster cannot be used, or its processes end without an effect
     * @throws InvalidInputException if the processes refuse their input, such as a program other than this one
     */
    public Sweep.Outcome run(String name, String configText) {
        Sweep.Outcome before = look(configText);
        Set<String> cells = new LinkedHashSet<>(before.open());
        sweep.withoutResult().stream()
                .filter(run -> sweep.status(run).filter(Status.FAILED::equals).isPresent())
                .forEach(run -> cells.add(run.id()));
        Set<String> crashed = new LinkedHashSet<>();
        Sweep.Outcome now = before;
        List<String> left = List.copyOf(cells);
        while (!left.isEmpty() && !execution.isStopRequested()) {
            compute(name, left, crashed);
            now = look(configText);
            requireEffect(without(crashed, left), without(crashed, now.open()));
            left = without(crashed, now.open());
        }
        crashed.addAll(now.open());
        // A process may die after its cell has ended.
        crashed.retainAll(sweep.withoutResult().stream().map(PlannedRun::id).toList());
        return new Sweep.Outcome(
                now.alreadyThere() - before.alreadyThere(),
                before.alreadyThere(),
                now.failed(),
                now.dropped(),
                List.copyOf(crashed),
                execution.isStopRequested() && !left.isEmpty());
    }

    /** Makes the decisions of halving that can be made, and finds the cells that are left. */
    private Sweep.Outcome look(String configText) {
        return sweep.only(Set.of()).run(execution, 1, configText, Progress.SILENT, print);
    }

    private static List<String> without(Set<String> crashed, List<String> cells) {
        return cells.stream().filter(cell -> !crashed.contains(cell)).toList();
    }

    private void requireEffect(List<String> ended, List<String> left) {
        if (!left.isEmpty() && left.equals(ended) && !execution.isStopRequested()) {
            throw new ClusterException("processes of the cluster must compute cells, got the end of all without one: "
                    + "the folder must be shared by all machines");
        }
    }

    private void compute(String name, List<String> cells, Set<String> crashed) {
        ClusterJob job = new ClusterJob(
                url,
                name,
                cells.stream().map(command).toList(),
                environment,
                Path.of("").toAbsolutePath(),
                resources);
        progress.begin("cells", cells.size());
        try {
            cluster.run(job, new Watch(cells, crashed));
        } finally {
            progress.end();
        }
    }

    private final class Watch implements ClusterWatch {

        private final List<String> cells;
        private final Set<String> crashed;
        private final Set<ProcessEnd> shown = new HashSet<>();
        private int done;

        Watch(List<String> cells, Set<String> crashed) {
            this.cells = cells;
            this.crashed = crashed;
        }

        @Override
        public boolean isStopRequested() {
            return execution.isStopRequested();
        }

        @Override
        public void print(String line) {
            print.accept(line);
        }

        @Override
        public void ended(int place, ProcessEnd end, boolean isLast) {
            if (end.exitCode() == ProcessEnd.DONE) {
                done++;
                progress.at(done, "");
                return;
            }
            if (execution.isStopRequested()) {
                // The signal may have reached the processes as well.
                return;
            }
            if (isLast && end.exitCode() == ProcessEnd.REFUSED) {
                throw new InvalidInputException("a process of the cluster refused its input: " + end.messages());
            }
            // A machine on which nothing works would show the same lines for each cell.
            boolean isNew = shown.add(end);
            print.accept(cells.get(place) + " " + end.cause() + (isLast ? ", unfinished" : ", starts again")
                    + (isNew && !end.messages().isEmpty() ? ": " + end.messages() : ""));
            if (isLast) {
                crashed.add(cells.get(place));
            }
        }
    }
}
