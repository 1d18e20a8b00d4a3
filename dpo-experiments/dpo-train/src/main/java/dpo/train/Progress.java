package dpo.train;

/** Where a long task tells how far it is. Any thread may tell. */
public interface Progress {

    /** Tells nobody. */
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
     * A task begins.
     *
     * @param task what is done, in a few words
     * @param total number of its parts
     */
    void begin(String task, int total);

    /**
     * Some parts are done.
     *
     * @param done parts done so far, of the total
     * @param note the latest number worth seeing; may be empty
     */
    void at(int done, String note);

    /** The task is over, finished or not. */
    void end();

    /**
     * Where one of several tasks that go on at the same time, beside this one, tells how far it is.
     *
     * @param label tells it from the others
     */
    Progress part(String label);

    /** A line of text that the user should read. */
    default void say(String line) {}
}
