package dpo.report.results;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Table formats for documents. */
final class MarkupFormats {

    private static final Map<String, String> HTML =
            Map.of("&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;", "'", "&#39;");

    private static final Map<String, String> MARKDOWN =
            Map.of("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "[", "\\[", "&", "&amp;");

    private MarkupFormats() {}

    static String markdown(Table table) {
        List<DisplayColumn> columns = table.display();
        StringBuilder text = new StringBuilder(pipes(columns, column -> escape(column.name(), MARKDOWN)));
        text.append(pipes(columns, column -> column.numeric() ? "---:" : ":---"));
        rows(table).forEach(row -> text.append(pipes(columns, column -> markdown(column, row))));
        if (!table.caption().isEmpty()) {
            text.append("\n").append(escape(table.caption(), MARKDOWN)).append("\n");
        }
        return text.toString();
    }

    private static String markdown(DisplayColumn column, int row) {
        String text = escape(column.cells().get(row), MARKDOWN);
        return column.bold().contains(row) ? "**" + text + "**" : text;
    }

    private static String pipes(List<DisplayColumn> columns, Function<DisplayColumn, String> cell) {
        return columns.stream().map(cell).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    static String html(Table table) {
        List<DisplayColumn> columns = table.display();
        StringBuilder text = new StringBuilder("<table>\n");
        if (!table.caption().isEmpty()) {
            text.append("<caption>").append(escape(table.caption(), HTML)).append("</caption>\n");
        }
        text.append("<thead><tr>");
        columns.forEach(column -> text.append(cell("th", column, header(column.name()))));
        text.append("</tr></thead>\n<tbody>\n");
        rows(table).forEach(row -> {
            text.append("<tr>");
            columns.forEach(column -> {
                String content = escape(column.cells().get(row), HTML);
                text.append(
                        cell("td", column, column.bold().contains(row) ? "<strong>" + content + "</strong>" : content));
            });
            text.append("</tr>\n");
        });
        return text.append("</tbody>\n</table>\n").toString();
    }

    /** A name that may break after dots and slashes, with the kind of interval on a line of its own. */
    private static String header(String name) {
        String[] parts = name.split(" (?=[±\\[])", 2);
        String breakable = escape(parts[0], HTML).replaceAll("[./](?=.)", "$0<wbr>");
        return parts.length == 1
                ? breakable
                : breakable + " <span class=\"interval\">" + escape(parts[1], HTML) + "</span>";
    }

    private static String cell(String element, DisplayColumn column, String content) {
        return "<" + element + (column.numeric() ? " class=\"number\"" : "") + ">" + content + "</" + element + ">";
    }

    static List<Integer> rows(Table table) {
        return IntStream.range(0, table.rows().size()).boxed().toList();
    }

    static String escape(String text, Map<String, String> replacements) {
        return text.codePoints()
                .mapToObj(Character::toString)
                .map(character -> replacements.getOrDefault(character, character))
                .collect(Collectors.joining());
    }
}
