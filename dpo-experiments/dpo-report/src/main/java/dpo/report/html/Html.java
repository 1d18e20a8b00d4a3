package dpo.report.html;

import dpo.report.figure.Figure;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A builder of HTML text that escapes every value. */
public final class Html {

    private final StringBuilder text = new StringBuilder();

    /** Appends markup unchanged. */
    public Html markup(String markup) {
        text.append(markup);
        return this;
    }

    /** Appends a value, escaped. */
    public Html value(String value) {
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
    public Html element(String name, String value) {
        return markup("<" + name + ">").value(value).markup("</" + name + ">\n");
    }

    /** Appends a table that scrolls if it is wider than the page. */
    public Html table(Table table) {
        return markup("<div class=\"scroll\">\n")
                .markup(TableFormat.HTML.render(table))
                .markup("</div>\n");
    }

    /** Appends a figure with its caption. */
    public Html figure(Figure figure) {
        String label = new Html().value(figure.caption()).toString();
        return markup("<figure>\n")
                .markup(figure.svg().replaceFirst("<svg ", "<svg role=\"img\" aria-label=\"" + label + "\" "))
                .markup("\n<figcaption>")
                .value(figure.caption())
                .markup(" <code>")
                .value("figures/" + figure.name())
                .markup("</code></figcaption>\n</figure>\n");
    }

    /** A whole page in the style of reports, which loads nothing from elsewhere. */
    public static String page(String title, Html body) {
        return new Html()
                .markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                // The browser refuses anything from elsewhere, whatever the texts of the runs contain.
                .markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                        + " 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n")
                .element("title", title)
                .markup("<style>\n" + style() + "</style>\n</head>\n<body>\n")
                .markup(body.toString())
                .markup("</body>\n</html>\n")
                .toString();
    }

    private static String style() {
        try (InputStream in = Html.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("the class path must hold dpo/report/html/report.css");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
