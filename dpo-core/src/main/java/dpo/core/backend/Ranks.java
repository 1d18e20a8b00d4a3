package dpo.core.backend;

import dpo.core.setting.Requirement;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The processes that train one model together. They are numbered from 0, each holds the whole model and computes a share
 * of every step, and all of them call the same methods in the same order. A single process may compute several shares in
 * turn, with the bits of as many processes. Used by one thread.
 */
public interface Ranks extends AutoCloseable {

    /** One process that trains a model alone. */
    Ranks ALONE = inTurn(1);

    /**
     * One process that computes several shares of each step one after the other.
     *
     * @param shares number of them, at least 1
     */
    static Ranks inTurn(int shares) {
        Requirement.positive("shares", shares);
        return new Ranks() {
            @Override
            public int rank() {
                return 0;
            }

            @Override
            public int count() {
                return 1;
            }

            @Override
            public int shares() {
                return shares;
            }

            @Override
            public List<double[]> gather(double[] own) {
                return List.of(own);
            }

            @Override
            public void close() {}
        };
    }

    /** The number of this process. */
    int rank();

    /** Number of processes, at least 1. */
    int count();

    /** Number of shares of a step: one per process, or those that a single process computes in turn. */
    default int shares() {
        return count();
    }

    /** The shares that this process computes, ascending. */
    default List<Integer> ownShares() {
        return count() == 1 ? IntStream.range(0, shares()).boxed().toList() : List.of(rank());
    }

    /**
     * The numbers of all ranks, in the order of ranks; each may give another number of them.
     *
     * @throws Lost if another process has ended
     */
    List<double[]> gather(double[] own);

    @Override
    void close();

    /** Another process has ended, so that no step can be completed. */
    final class Lost extends IllegalStateException {

        private static final long serialVersionUID = 1;

        /** @param cause what shows that it has ended */
        public Lost(Exception cause) {
            super("all ranks must live until the end, got: " + cause.getMessage(), cause);
        }
    }
}
