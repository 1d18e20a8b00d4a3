package dpo.data.source;

/** The policy on a row that cannot be an example. */
public enum OnBadRow {
    /** Reading stops with an error that names file, row and field. */
    FAIL,
    /** The row is dropped and counted by reason. */
    SKIP
}
