package dpo.harness.config;

/** Shortens values for messages. */
final class MessageText {

    static final int LONGEST = 200;

    private MessageText() {}

    /** The text, or the beginning of a long one. */
    static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
