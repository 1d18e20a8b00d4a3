package dpo.core.setting;

/** Checks of settings; NaN fails every check. Each throws {@link SettingException}. */
public final class Requirement {

    private Requirement() {}

    /** Requires {@code value > 0} and finite. */
    public static double positive(String name, double value) {
        return require(value > 0 && value < Double.POSITIVE_INFINITY, name, "must be positive and finite", value);
    }

    /** Requires {@code value >= 0} and finite. */
    public static double notNegative(String name, double value) {
        return require(value >= 0 && value < Double.POSITIVE_INFINITY, name, "must be at least 0 and finite", value);
    }

    /** Requires {@code low <= value < high}. */
    public static double within(String name, double value, double low, double high) {
        return require(value >= low && value < high, name, "must be in [" + low + ", " + high + ")", value);
    }

    /** Requires {@code low <= value <= high}. */
    public static double between(String name, double value, double low, double high) {
        return require(value >= low && value <= high, name, "must be in [" + low + ", " + high + "]", value);
    }

    /** Requires {@code value >= low}. */
    public static int atLeast(String name, int value, int low) {
        holds(value >= low, name, "must be at least " + low, value);
        return value;
    }

    /**
     * Requires any other condition.
     *
     * @param constraint the constraint, such as "must be at most batch_size (8)"
     * @param otherKeys further settings of the same record that the condition depends on
     */
    public static void holds(boolean condition, String name, String constraint, Object value, String... otherKeys) {
        if (!condition) {
            throw new SettingException(name, constraint, value, otherKeys);
        }
    }

    private static double require(boolean condition, String name, String constraint, double value) {
        holds(condition, name, constraint, value);
        return value;
    }
}
