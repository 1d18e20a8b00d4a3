package dpo.data.example;

/** The beginning of a text, for messages: short, on one line. */
public final class Excerpt {

    private static final int MOST = 100;

    private Excerpt() {}

    /** At most 100 characters of a text, control characters and lone surrogates as escapes. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder();
        int end = text.offsetByCodePoints(0, Math.min(MOST, text.codePointCount(0, Math.min(text.length(), 2 * MOST))));
        text.substring(0, end).codePoints().forEach(c -> {
            boolean printable = !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE;
            shown.append(printable ? Character.toString(c) : String.format("\\u%04x", c));
        });
        return end < text.length() ? shown + "… (" + text.length() + " characters)" : shown.toString();
    }
}
