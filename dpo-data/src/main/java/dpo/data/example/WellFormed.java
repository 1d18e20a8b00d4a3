package dpo.data.example;

import java.util.Locale;

/** Checks that UTF-8 can represent a text. A lone surrogate would reach the tokenizer as a question mark. */
public final class WellFormed {

    private WellFormed() {}

    /**
     * The text itself.
     *
     * @throws BadRowException if it holds a lone surrogate
     */
    public static String text(String name, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new BadRowException(
                        "broken_text",
                        String.format(
                                Locale.ROOT,
                                "%s must be well-formed Unicode, got the lone surrogate \\u%04x (character %d)",
                                name,
                                (int) c,
                                i));
            }
        }
        return text;
    }
}
