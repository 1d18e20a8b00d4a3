package dpo.spark;

import dpo.harness.cluster.ClusterException;
import dpo.harness.cluster.ClusterJob;
import dpo.harness.cluster.ClusterWatch;
import dpo.harness.config.TaskResources;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** How long a job waits for an executor that can hold one of its processes. */
final class Patience {

    private static final int SECONDS_UNTIL_TOLD = 60;

    private final ClusterJob job;
    private final ClusterWatch watch;
    private final LongSupplier clock;
    private long since;
    private boolean isTold;

    /** @param clock nanoseconds */
    Patience(ClusterJob job, ClusterWatch watch, LongSupplier clock) {
        this.job = job;
        this.watch = watch;
        this.clock = clock;
        this.since = clock.getAsLong();
    }

    /**
     * Tells the user after a minute without such an executor what is missing.
     *
     * @param executors those that live
     * @throws ClusterException if the patience of the job is at its end
     */
    void require(List<Executors.Size> executors) {
        TaskResources cell = job.resources();
        if (executors.stream().anyMatch(each -> each.holds(cell))) {
            since = clock.getAsLong();
            isTold = false;
            return;
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(clock.getAsLong() - since);
        String need = "an executor with " + size(cell.cpus(), cell.gpus()) + " for a cell";
        String got = ", got " + found(executors) + " (" + job.url() + ")";
        if (seconds >= cell.patience()) {
            throw new ClusterException(
                    "cluster must have " + need + " within " + cell.patience() + " seconds (cluster.patience)" + got);
        }
        if (seconds >= SECONDS_UNTIL_TOLD && !isTold) {
            isTold = true;
            watch.print("waiting for " + need + got);
        }
    }

    private static String found(List<Executors.Size> executors) {
        Map<String, Long> counts = executors.stream()
                .collect(Collectors.groupingBy(
                        each -> size(each.cpus(), each.gpus()), TreeMap::new, Collectors.counting()));
        return counts.isEmpty()
                ? "none that has registered with this client"
                : counts.entrySet().stream()
                        .map(each -> each.getValue() + " with " + each.getKey())
                        .collect(Collectors.joining(" and "));
    }

    private static String size(int cpus, int gpus) {
        return "cpus: " + cpus + ", gpus: " + gpus;
    }
}
