package dpo.report.html;

import dpo.report.results.Table;
import dpo.report.results.TableFormat;

/** The text of an HTML page, in the making; every value is escaped. */
final class Html {

    private final StringBuilder text = new StringBuilder();

    /** Appends markup as it stands. */
    Html markup(String markup) {
        text.append(markup);
        return this;
    }

    /** Appends a value, escaped. */
    Html value(String value) {
        value.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.appendCodePoint(c);
            }
        });
        return this;
    }

    /** Appends an element that holds a value. */
    Html element(String name, String value) {
        return markup("<" + name + ">").value(value).markup("</" + name + ">\n");
    }

    /** Appends a table, which scrolls by itself where it is wider than the page. */
    Html table(Table table) {
        return markup("<div class=\"scroll\">\n").markup(TableFormat.HTML.render(table)).markup("</div>\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
