package dpo.harness.store;

import java.nio.file.Path;

/** The right to do a piece of work that this process has; see {@link Leases}. */
public interface Lease extends AutoCloseable {

    /** The right of a process that shares no work with others. */
    Lease ALONE = new Lease() {
        @Override
        public void require() {}

        @Override
        public void close() {}
    };

    /**
     * Requires that this process still has the lease. Cheap, unless the process stood still: then the folder is asked.
     *
     * @throws Lost if another process has taken over
     */
    void require();

    /** Releases the lease, if it is not lost. */
    @Override
    void close();

    /** Thrown where a lease was taken over by another process, because this one stood still for its stated time. */
    final class Lost extends RuntimeException {

        Lost(Path lease) {
            super("lease must be kept while its work is done, got one that another process took over (" + lease + ")");
        }
    }
}
