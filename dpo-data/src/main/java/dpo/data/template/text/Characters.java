package dpo.data.template.text;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** Python's character classes, case conversion, stripping and order of strings. */
public final class Characters {
    private static final int ASCII = 128;
    /** İ, the only character whose lower case consists of two characters. */
    private static final int DOTTED_I = 0x130;
    /** Maximum number of characters whose case is converted in one call. */
    private static final int PIECE = 64;

    private Characters() {}

    /** Python's {@code str.isspace}, which {@code strip} and {@code \s} use too. */
    public static boolean isSpace(int c) {
        return (c >= '\t' && c <= '\r')
                || (c >= 0x1c && c <= ' ')
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Python's {@code str.isprintable}: no control, format, surrogate, private, unassigned or separator characters. */
    public static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /** Whether Python's {@code str.splitlines} ends a line at this character. */
    public static boolean isLineBreak(int c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    private static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    public static String upper(String text) {
        if (text.length() <= PIECE) {
            return text.toUpperCase(Locale.ROOT);
        }
        StringBuilder upper = new StringBuilder();
        inPieces(text, 0, text.length(), piece -> upper.append(piece.toUpperCase(Locale.ROOT)));
        return upper.toString();
    }

    /** Lower case with Python's rule for the final sigma of a word, which differs from Java's. */
    public static String lower(String text) {
        if (text.length() <= PIECE && text.indexOf('Σ') < 0) {
            return text.toLowerCase(Locale.ROOT);
        }
        StringBuilder lower = new StringBuilder();
        int done = 0;
        for (int sigma = text.indexOf('Σ'); sigma >= 0; sigma = text.indexOf('Σ', done)) {
            inPieces(text, done, sigma, piece -> lower.append(piece.toLowerCase(Locale.ROOT)));
            lower.append(isFinal(text, sigma) ? 'ς' : 'σ');
            done = sigma + 1;
        }
        inPieces(text, done, text.length(), piece -> lower.append(piece.toLowerCase(Locale.ROOT)));
        return lower.toString();
    }

    /** Splits a text into short pieces: Java copies its whole argument for every character that becomes longer. */
    private static void inPieces(String text, int from, int to, Consumer<String> change) {
        int start = from;
        while (start < to) {
            int end = Math.min(to, start + PIECE);
            end += end < to && Character.isLowSurrogate(text.charAt(end)) ? 1 : 0;
            change.accept(text.substring(start, end));
            start = end;
        }
    }

    /** Unicode's Final_Sigma: a cased character before it and none after it, ignoring characters without case. */
    private static boolean isFinal(String text, int sigma) {
        int before = sigma;
        while (before > 0 && isCaseIgnorable(text.codePointBefore(before))) {
            before -= Character.charCount(text.codePointBefore(before));
        }
        int after = sigma + 1;
        while (after < text.length() && isCaseIgnorable(text.codePointAt(after))) {
            after += Character.charCount(text.codePointAt(after));
        }
        return before > 0
                && isCased(text.codePointBefore(before))
                && !(after < text.length() && isCased(text.codePointAt(after)));
    }

    /** Unicode's Case_Ignorable: marks, format characters, modifiers and punctuation within words. */
    private static boolean isCaseIgnorable(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default ->
                "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a".indexOf(c)
                        >= 0;
        };
    }

    /** Python's {@code str.capitalize}: the first character in title case, the rest in lower case. */
    public static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int end = text.offsetByCodePoints(0, 1);
        String first = text.substring(0, end);
        String lower = lower(text);
        return titleCase(first.codePointAt(0)) + lower.substring(lower(first).length());
    }

    /** Python's {@code str.title}: letters that follow a letter in lower case, other letters in title case. */
    public static String title(String text) {
        StringBuilder titled = new StringBuilder();
        boolean afterCased = false;
        // The whole text is converted at once, because a final sigma depends on its neighbours.
        String lower = lower(text);
        int lowered = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            int next = lowered + (c == DOTTED_I ? 2 : Character.charCount(Character.toLowerCase(c)));
            titled.append(afterCased ? lower.substring(lowered, next) : titleCase(c));
            lowered = next;
            afterCased = isCased(c);
        }
        return titled.toString();
    }

    private static String titleCase(int c) {
        int title = Character.toTitleCase(c);
        if (title != c || c < ASCII) {
            return Character.toString(title);
        }
        String upper = upper(Character.toString(c));
        boolean expands = upper.codePointCount(0, upper.length()) > 1;
        return expands ? upper.charAt(0) + lower(upper.substring(1)) : Character.toString(c);
    }

    /**
     * Python's {@code islower} and {@code isupper}: there is at least one cased character, and all cased characters
     * pass the test.
     */
    public static boolean allCased(String text, IntPredicate test) {
        return text.codePoints().anyMatch(Characters::isCased)
                && text.codePoints().filter(Characters::isCased).allMatch(test);
    }

    /** Removes characters that pass the test from the chosen ends. */
    public static String strip(String text, IntPredicate test, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && test.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && start < end && test.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    public static String strip(String text) {
        return strip(text, Characters::isSpace, true, true);
    }

    /** Compares by code points, like Python; {@link String#compareTo} compares UTF-16 units. */
    public static int compare(String left, String right) {
        int i = 0;
        while (i < left.length() && i < right.length()) {
            int a = left.codePointAt(i);
            int b = right.codePointAt(i);
            if (a != b) {
                return Integer.compare(a, b);
            }
            i += Character.charCount(a);
        }
        return Integer.compare(left.length(), right.length());
    }
}
