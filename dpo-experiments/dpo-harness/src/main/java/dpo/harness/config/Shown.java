package dpo.harness.config;

/** Values in messages. */
final class Shown {

    static final int LONGEST = 200;

    private Shown() {}

    /** The text, or its beginning where it is long. */
    static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
