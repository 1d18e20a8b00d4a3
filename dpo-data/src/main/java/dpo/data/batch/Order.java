package dpo.data.batch;

/** The order of the examples within an epoch. */
public enum Order {
    /** As they stand in the data set, the same in every epoch. */
    SEQUENTIAL,
    /** A permutation of its own for every epoch, all permutations being equally likely. */
    SHUFFLED
}
