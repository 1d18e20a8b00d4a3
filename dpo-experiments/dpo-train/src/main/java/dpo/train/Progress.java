package dpo.train;

/** Receives the progress of a long task, from any thread. */
public interface Progress {

    /** Ignores all reports. */
    Progress SILENT = new Progress() {
        @Override
        public void begin(String task, int total) {}

        @Override
        public void at(int done, String note) {}

        @Override
        public void end() {}

        @Override
        public Progress part(String label) {
            return this;
        }
    };

    /**
     * Reports the beginning of a task.
     *
     * @param task short name of the task
     * @param total number of its parts
     */
    void begin(String task, int total);

    /**
     * Reports finished parts.
     *
     * @param done number of finished parts
     * @param note latest result to print; may be empty
     */
    void at(int done, String note);

    /** Reports the end of a task, completed or not. */
    void end();

    /**
     * The receiver of one of several parallel tasks.
     *
     * @param label name of the task
     */
    Progress part(String label);

    /** Reports a line of text for the user. */
    default void print(String line) {}
}
