package dpo.data.example;

import java.util.Locale;
import java.util.stream.Collectors;

/** The beginning of a text for a message: short and on one line. */
public final class Excerpt {

    private static final int MOST = 100;

    private Excerpt() {}

    /** At most 100 characters of a text, control characters and lone surrogates as escapes. */
    public static String of(String text) {
        int shown = text.codePoints().limit(MOST).map(Character::charCount).sum();
        String beginning = text.substring(0, shown)
                .codePoints()
                .mapToObj(Excerpt::printable)
                .collect(Collectors.joining());
        return shown < text.length() ? beginning + "… (" + text.length() + " characters)" : beginning;
    }

    private static String printable(int c) {
        if (c == '\n') {
            return "\\n";
        }
        boolean printable = !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE;
        return printable ? Character.toString(c) : String.format(Locale.ROOT, "\\u%04x", c);
    }
}
