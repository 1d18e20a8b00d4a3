package dpo.report.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Table formats for documents. */
final class MarkupFormats {

    private static final Map<String, String> LATEX = Map.ofEntries(
            Map.entry("\\", "\\textbackslash{}"),
            Map.entry("{", "\\{"),
            Map.entry("}", "\\}"),
            Map.entry("$", "\\$"),
            Map.entry("&", "\\&"),
            Map.entry("%", "\\%"),
            Map.entry("#", "\\#"),
            Map.entry("_", "\\_"),
            Map.entry("~", "\\textasciitilde{}"),
            Map.entry("^", "\\textasciicircum{}"),
            Map.entry("<", "\\textless{}"),
            Map.entry(">", "\\textgreater{}"),
            Map.entry("|", "\\textbar{}"),
            Map.entry("β", "$\\beta$"),
            Map.entry("±", "$\\pm$"),
            Map.entry("–", "--"));

    private static final Map<String, String> HTML =
            Map.of("&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;", "'", "&#39;");

    private static final Map<String, String> MARKDOWN =
            Map.of("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "[", "\\[", "&", "&amp;");

    private MarkupFormats() {}

    static String markdown(Table table) {
        List<DisplayColumn> columns = table.display();
        StringBuilder text = new StringBuilder(pipes(columns, column -> escape(column.name(), MARKDOWN)));
        text.append(pipes(columns, column -> column.numeric() ? "---:" : ":---"));
        rows(table)
                .forEach(row -> text.append(
                        pipes(columns, column -> escape(column.cells().get(row), MARKDOWN))));
        if (!table.caption().isEmpty()) {
            text.append("\n").append(escape(table.caption(), MARKDOWN)).append("\n");
        }
        return text.toString();
    }

    private static String pipes(List<DisplayColumn> columns, Function<DisplayColumn, String> cell) {
        return columns.stream().map(cell).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    static String latex(Table table) {
        List<DisplayColumn> columns = table.display();
        List<String> lines = new ArrayList<>();
        lines.add("% \\usepackage{booktabs}");
        if (!table.caption().isEmpty()) {
            lines.add("% " + table.caption());
        }
        lines.add("\\begin{tabular}{"
                + columns.stream().map(column -> column.numeric() ? "r" : "l").collect(Collectors.joining()) + "}");
        lines.add("\\toprule");
        lines.add(ampersands(columns, column -> escape(column.name(), LATEX)));
        lines.add("\\midrule");
        rows(table).forEach(row -> lines.add(ampersands(columns, column -> latexCell(column, row))));
        lines.add("\\bottomrule");
        lines.add("\\end{tabular}");
        return String.join("\n", lines) + "\n";
    }

    private static String latexCell(DisplayColumn column, int row) {
        String cell = column.cells().get(row);
        return column.numeric() && cell.startsWith("-")
                ? "$-$" + escape(cell.substring(1), LATEX)
                : escape(cell, LATEX);
    }

    private static String ampersands(List<DisplayColumn> columns, Function<DisplayColumn, String> cell) {
        return columns.stream().map(cell).collect(Collectors.joining(" & ", "", " \\\\"));
    }

    static String html(Table table) {
        List<DisplayColumn> columns = table.display();
        StringBuilder text = new StringBuilder("<table>\n");
        if (!table.caption().isEmpty()) {
            text.append("<caption>").append(escape(table.caption(), HTML)).append("</caption>\n");
        }
        text.append("<thead><tr>");
        // <wbr> allows line breaks after dots and slashes of a long name.
        columns.forEach(column ->
                text.append(cell("th", column, escape(column.name(), HTML).replaceAll("[./](?=.)", "$0<wbr>"))));
        text.append("</tr></thead>\n<tbody>\n");
        rows(table).forEach(row -> {
            text.append("<tr>");
            columns.forEach(column ->
                    text.append(cell("td", column, escape(column.cells().get(row), HTML))));
            text.append("</tr>\n");
        });
        return text.append("</tbody>\n</table>\n").toString();
    }

    private static String cell(String element, DisplayColumn column, String content) {
        return "<" + element + (column.numeric() ? " class=\"number\"" : "") + ">" + content + "</" + element + ">";
    }

    private static List<Integer> rows(Table table) {
        return IntStream.range(0, table.rows().size()).boxed().toList();
    }

    private static String escape(String text, Map<String, String> replacements) {
        return text.codePoints()
                .mapToObj(Character::toString)
                .map(character -> replacements.getOrDefault(character, character))
                .collect(Collectors.joining());
    }
}
