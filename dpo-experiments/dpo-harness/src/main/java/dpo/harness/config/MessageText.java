package dpo.harness.config;

/** Values in messages. */
final class MessageText {

    static final int LONGEST = 200;

    private MessageText() {}

    /** The text, or its beginning where it is long. */
    static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
