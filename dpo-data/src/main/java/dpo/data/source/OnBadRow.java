package dpo.data.source;

/** What happens at a row that cannot be an example. */
public enum OnBadRow {
    /** Reading stops with a message that names file, row and field. */
    FAIL,
    /** The row is left out and counted by reason. */
    SKIP
}
