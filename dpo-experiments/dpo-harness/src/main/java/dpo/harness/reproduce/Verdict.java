package dpo.harness.reproduce;

/** How far two runs agree, from best to worst. */
public enum Verdict {
    /** All recorded numbers are equal, and the trained model has the same bytes. */
    IDENTICAL("identical"),
    /** Every number is as close as {@link Tolerance} requires. */
    WITHIN_TOLERANCE("within tolerance"),
    /** A number is further away, or lines are missing. */
    DIFFERENT("different");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** The words that a person reads. */
    public String text() {
        return text;
    }

    Verdict or(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
