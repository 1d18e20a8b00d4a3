package dpo.report.html;

import dpo.report.results.Table;
import dpo.report.results.TableFormat;

/** A builder of HTML text that escapes every value. */
final class Html {

    private final StringBuilder text = new StringBuilder();

    /** Appends markup unchanged. */
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

    /** Appends an element with a value. */
    Html element(String name, String value) {
        return markup("<" + name + ">").value(value).markup("</" + name + ">\n");
    }

    /** Appends a table that scrolls if it is wider than the page. */
    Html table(Table table) {
        return markup("<div class=\"scroll\">\n")
                .markup(TableFormat.HTML.render(table))
                .markup("</div>\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
