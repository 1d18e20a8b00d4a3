package dpo.harness.cluster;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Machines that run processes. Found by {@link java.util.ServiceLoader}: a jar names its implementation in {@code
 * META-INF/services/dpo.harness.cluster.Cluster}.
 */
public interface Cluster {

    /**
     * The environment variable, of any value, that makes a command of this program stop with its state saved when its
     * input ends.
     */
    String STOP_AT_END_OF_INPUT = "DPO_STOP_AT_END_OF_INPUT";

    /** The name of the option of {@code dpo sweep} without hyphens, such as {@code spark}. */
    String name();

    /**
     * Runs the commands of a job, each as one process, which it starts again where a machine or the process has died.
     * A process must stop when its input ends, because that is what it sees of the death of its machine's agent.
     *
     * @param look called about once per second
     * @param stopRequested polled about once per second; once it is true, running processes get SIGTERM, others are not
     *     started
     * @return how each command ended, in their order; those that were stopped as well
     * @throws ClusterException if the cluster cannot be reached, or a process died more often than the job allows
     */
    List<ProcessEnd> run(ClusterJob job, Runnable look, BooleanSupplier stopRequested);
}
