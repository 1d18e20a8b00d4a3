package dpo.lab;

import java.util.Locale;

/** What an experiment says about its claim. */
public enum Verdict {
    /** The claim is true at these settings, as stated. */
    HOLDS,
    /** The claim is true under a condition, which the statement names. */
    HOLDS_UNDER,
    /** The claim is false at these settings; the quantities are a counterexample. */
    FAILS;

    /** The name in snake_case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
