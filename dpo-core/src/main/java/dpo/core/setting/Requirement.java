package dpo.core.setting;

/**
 * Checks of settings, written so that NaN fails. Messages name the key, the constraint and the value.
 */
public final class Requirement {

    private Requirement() {}

    /** Requires {@code value > 0} and finite. */
    public static double positive(String name, double value) {
        return require(value > 0 && value < Double.POSITIVE_INFINITY, name, "be positive and finite", value);
    }

    /** Requires {@code value >= 0} and finite. */
    public static double notNegative(String name, double value) {
        return require(value >= 0 && value < Double.POSITIVE_INFINITY, name, "be at least 0 and finite", value);
    }

    /** Requires {@code low <= value < high}. */
    public static double within(String name, double value, double low, double high) {
        return require(value >= low && value < high, name, "be in [" + low + ", " + high + ")", value);
    }

    /** Requires {@code low <= value <= high}. */
    public static double between(String name, double value, double low, double high) {
        return require(value >= low && value <= high, name, "be in [" + low + ", " + high + "]", value);
    }

    /** Requires {@code value >= low}. */
    public static int atLeast(String name, int value, int low) {
        if (value < low) {
            throw new IllegalArgumentException(name + " must be at least " + low + ", got " + value);
        }
        return value;
    }

    private static double require(boolean holds, String name, String constraint, double value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must " + constraint + ", got " + value);
        }
        return value;
    }
}
