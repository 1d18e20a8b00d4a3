package dpo.data.batch;

/** The order of the examples within an epoch. */
public enum Order {
    /** The order of the data set, the same in every epoch. */
    SEQUENTIAL,
    /** A uniformly random permutation for every epoch. */
    SHUFFLED
}
