package dpo.report.results;

/** Quoting of names and values in SQL text. */
final class Sql {

    private Sql() {}

    /** The identifier {@code text}, in double quotes. */
    static String name(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    /** The string {@code text}, in single quotes. */
    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
