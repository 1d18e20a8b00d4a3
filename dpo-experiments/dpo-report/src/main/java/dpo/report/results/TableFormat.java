package dpo.report.results;

import java.util.function.Function;

/**
 * The formats of a table. {@link #CSV} and {@link #JSON} are for programs: every column, every digit. The others are
 * for people: numbers rounded to their significant digits, mean and standard deviation in one column as "mean ± sd".
 */
public enum TableFormat {

    /** Aligned text for a terminal; long column names are broken after dots and slashes. */
    TABLE(TextTable::render),

    /** RFC 4180, with a header row and CRLF; a missing value is empty. */
    CSV(DataFormats::csv),

    /** An array of objects, one per row; a missing or non-finite value is null. */
    JSON(DataFormats::json),

    /** A pipe table (GitHub's). */
    MARKDOWN(MarkupFormats::markdown),

    /** A {@code table} in the style of booktabs with the numbers of siunitx, all text escaped. */
    LATEX(LatexTable::render),

    /** A {@code <table>} element, all text escaped. */
    HTML(MarkupFormats::html);

    private final Function<Table, String> renderer;

    TableFormat(Function<Table, String> renderer) {
        this.renderer = renderer;
    }

    /** The table in this format; ends with a line break. */
    public String render(Table table) {
        return renderer.apply(table);
    }
}
