package dpo.data.template.syntax;

/**
 * A token of a template's source.
 *
 * @param kind its kind
 * @param text data, a string's value, a name, an operator or the digits of a number
 * @param line line of the source, from 1
 */
record Token(Kind kind, String text, int line) {
    /** The kinds of tokens. */
    enum Kind {
        DATA,
        STATEMENT_BEGIN,
        STATEMENT_END,
        OUTPUT_BEGIN,
        OUTPUT_END,
        NAME,
        STRING,
        INTEGER,
        REAL,
        OPERATOR,
        END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }

    String describe() {
        return kind == Kind.END ? "end of template" : text.isEmpty() ? "end of the tag" : "'" + text + "'";
    }
}
