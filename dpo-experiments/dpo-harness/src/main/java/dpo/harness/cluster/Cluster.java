package dpo.harness.cluster;

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
     * Runs the commands of a job, each as one process, until all have ended or a stop is requested; then no process runs
     * any more. A process that ends with another exit code than 0 is started again, where possible on another machine,
     * {@code attempts} times in all. So is one whose machine is lost, more often. A process must stop when its input ends,
     * because that is what it sees of the death of its machine's agent.
     *
     * @throws ClusterException if the cluster cannot be reached, or has no machine that can hold a process
     */
    void run(ClusterJob job, ClusterWatch watch);
}
