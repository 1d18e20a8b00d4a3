package dpo.data.template;

/**
 * A piece of a template's source.
 *
 * @param kind what it is
 * @param text data or a string's value, a name, an operator's sign or a number's digits
 * @param line line of the source, from 1
 */
record Token(Kind kind, String text, int line) {
    /** What a token is. */
    enum Kind {
        DATA, STATEMENT_BEGIN, STATEMENT_END, OUTPUT_BEGIN, OUTPUT_END, NAME, STRING, INTEGER, REAL, OPERATOR, END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }

    String describe() {
        return kind == Kind.END ? "end of template" : text.isEmpty() ? "end of the tag" : "'" + text + "'";
    }
}
