package dpo.data.template.syntax;

import dpo.data.template.meter.Failure;

/** Escape sequences of Python's string literals. */
final class Escapes {
    private static final String LETTERS = "abfnrtv\\'\"\n";
    private static final String[] MEANINGS = {"\u0007", "\b", "\f", "\n", "\r", "\t", "\u000b", "\\", "'", "\"", ""};

    private final String literal;
    private final StringBuilder text = new StringBuilder();
    private int position;

    private Escapes(String literal) {
        this.literal = literal;
    }

    static String decode(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        Escapes escapes = new Escapes(literal);
        while (escapes.position < literal.length()) {
            char c = literal.charAt(escapes.position++);
            if (c == '\\') {
                escapes.escape();
            } else {
                escapes.text.append(c);
            }
        }
        return escapes.text.toString();
    }

    private void escape() {
        char c = literal.charAt(position++);
        int letter = LETTERS.indexOf(c);
        if (letter >= 0) {
            text.append(MEANINGS[letter]);
        } else if (c >= '0' && c <= '7') {
            position--;
            octal();
        } else if (c == 'x' || c == 'u' || c == 'U') {
            hexadecimal(c == 'x' ? 2 : c == 'u' ? 4 : 8);
        } else if (c == 'N' || c > 126) {
            throw Failure.unsupported("the escape \\" + c);
        } else {
            // Python keeps the backslash of an unknown escape.
            text.append('\\').append(c);
        }
    }

    private void octal() {
        int value = 0;
        for (int digits = 0; digits < 3 && position < literal.length(); digits++) {
            int digit = Character.digit(literal.charAt(position), 8);
            if (digit < 0) {
                break;
            }
            value = value * 8 + digit;
            position++;
        }
        text.appendCodePoint(value);
    }

    private void hexadecimal(int digits) {
        String number = literal.substring(position, Math.min(literal.length(), position + digits));
        if (!number.matches("[0-9a-fA-F]{" + digits + "}")) {
            throw new Failure("truncated escape in a string");
        }
        long value = Long.parseLong(number, 16);
        if (value > Character.MAX_CODE_POINT || (value >= 0xd800 && value <= 0xdfff)) {
            throw Failure.unsupported("the escape of code point " + number);
        }
        text.appendCodePoint((int) value);
        position += digits;
    }
}
