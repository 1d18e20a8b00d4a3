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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Computes the cells of a sweep by processes of a cluster, one per cell, which share the folder of the sweep.
 *
 * @param cluster the machines
 * @param url address of the cluster
 * @param command the command of the worker that computes one cell, given by its id
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
        TaskResources resources,
        Sweep sweep,
        RunExecution execution,
        Progress progress,
        Consumer<String> print) {

    /** The exit code of a process that refuses its input. */
    private static final int REFUSED = 2;

    /** How many looks of a second lie between two counts of the completed cells. */
    private static final int LOOKS = 5;

    /**
     * Runs the cells without a result, up to one rung of successive halving after the other.
     *
     * @param name of the sweep, for people
     * @param configText the configuration file, copied to the folder
     * @throws ClusterException if the cluster cannot be used, or its processes end without an effect
     * @throws InvalidInputException if the processes refuse their input, such as a program other than this one
     */
    public Sweep.Outcome run(String name, String configText) {
        Sweep.Outcome before = look(configText);
        Set<String> open = new LinkedHashSet<>(before.open());
        sweep.withoutResult().stream()
                .filter(run -> sweep.status(run).filter(Status.FAILED::equals).isPresent())
                .forEach(run -> open.add(run.id()));
        Sweep.Outcome now = before;
        List<String> left = List.copyOf(open);
        while (!left.isEmpty() && !execution.isStopRequested()) {
            compute(name, left);
            now = look(configText);
            if (now.open().equals(left) && !execution.isStopRequested()) {
                throw new ClusterException(
                        "processes of the cluster must compute cells, got the end of all without one: "
                                + "the folder must be shared by all machines");
            }
            left = now.open();
        }
        return new Sweep.Outcome(
                now.alreadyThere() - before.alreadyThere(),
                before.alreadyThere(),
                now.failed(),
                now.dropped(),
                left,
                execution.isStopRequested() && !left.isEmpty());
    }

    /** Makes the decisions of halving that can be made, and finds the cells that are left. */
    private Sweep.Outcome look(String configText) {
        return sweep.only(Set.of()).run(execution, 1, configText, Progress.SILENT, print);
    }

    private void compute(String name, List<String> cells) {
        ClusterJob job = new ClusterJob(
                url, name, cells.stream().map(command).toList(), Path.of("").toAbsolutePath(), resources);
        progress.begin("cells", cells.size());
        try {
            List<ProcessEnd> ends = cluster.run(job, new Watch(new HashSet<>(cells)), execution::isStopRequested);
            ends.stream().filter(end -> end.exitCode() == REFUSED).findFirst().ifPresent(end -> {
                throw new InvalidInputException("a process of the cluster refused its input: " + end.messages());
            });
        } finally {
            progress.end();
        }
    }

    /** Reports how many cells have a result. */
    private final class Watch implements Runnable {

        private final Set<String> cells;
        private int looks;

        Watch(Set<String> cells) {
            this.cells = cells;
        }

        @Override
        public void run() {
            if (looks++ % LOOKS == 0) {
                long left = sweep.withoutResult().stream()
                        .map(PlannedRun::id)
                        .filter(cells::contains)
                        .count();
                progress.at(cells.size() - (int) left, "");
            }
        }
    }
}
