package dpo.harness.cluster;

/** What a cluster asks and tells while it runs a job, on the thread that runs it. */
public interface ClusterWatch {

    /**
     * Polled several times per second; once it is true, running processes get SIGTERM, and others are not started.
     */
    boolean isStopRequested();

    /** Receives a line for the user. */
    void print(String line);

    /**
     * A process has ended, or its machine was lost. What this throws stops the other processes, and is thrown by the
     * cluster after them.
     *
     * @param command place of its command in the job
     * @param isLast whether the command is not started again
     */
    void ended(int command, ProcessEnd end, boolean isLast);
}
