package dpo.report.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Formats a table as a LaTeX {@code table} for the packages booktabs and siunitx (version 3). Columns of numbers and of
 * {@code x ± h} are {@code S} columns, aligned at decimal separator and sign; numbers with exponents and intervals
 * {@code x [low, high]} are {@code \num} in right-aligned columns.
 */
final class LatexTable {

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
            Map.entry("–", "--"),
            Map.entry("α", "$\\alpha$"),
            Map.entry("γ", "$\\gamma$"),
            Map.entry("λ", "$\\lambda$"),
            Map.entry("π", "$\\pi$"),
            Map.entry("θ", "$\\theta$"),
            Map.entry("τ", "$\\tau$"),
            Map.entry("‖", "$\\Vert$"),
            Map.entry("−", "$-$"),
            Map.entry("₀", "$_0$"));

    private static final String NUMBER = "-?\\d+(?:\\.\\d+)?";

    private static final Pattern ALIGNED = Pattern.compile("(-?)(\\d+)(?:\\.(\\d+))?(?: ± (" + NUMBER + "))?");

    /** Numbers in a cell of another form. */
    private static final Pattern ANY_NUMBER = Pattern.compile(NUMBER + "(?:e-?\\d+)?");

    /** Characters in a line of a column's name that has several. */
    private static final int LINE = 13;

    private LatexTable() {}

    static String render(Table table) {
        List<DisplayColumn> columns = table.display();
        List<Optional<String>> formats =
                columns.stream().map(LatexTable::alignedFormat).toList();
        List<String> lines = new ArrayList<>();
        lines.add("% needs \\usepackage{booktabs} and \\usepackage{siunitx}, version 3");
        lines.add("\\begin{table}");
        lines.addAll(List.of("\\centering", "\\setlength{\\tabcolsep}{4pt}"));
        if (!table.caption().isEmpty()) {
            lines.add("\\caption{" + text(table.caption()) + "}");
            lines.add("\\label{" + table.style().label() + "}");
        }
        lines.add(
                "\\sisetup{separate-uncertainty = true, reset-text-series = false, text-series-to-math = true, group-digits = integer}");
        lines.add("\\begin{tabular}{" + specification(columns, formats) + "}");
        lines.add("\\toprule");
        lines.add(line(columns.stream().map(LatexTable::header).toList()));
        lines.add("\\midrule");
        for (int row : MarkupFormats.rows(table)) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                cells.add(cell(columns.get(i), row, formats.get(i).isPresent()));
            }
            lines.add(line(cells));
        }
        lines.addAll(List.of("\\bottomrule", "\\end{tabular}", "\\end{table}"));
        return String.join("\n", lines) + "\n";
    }

    private static String specification(List<DisplayColumn> columns, List<Optional<String>> formats) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String other = columns.get(i).numeric() ? "r" : "l";
            parts.add(formats.get(i)
                    .map(format -> "S[table-format = " + format + "]")
                    .orElse(other));
        }
        return String.join(" ", parts);
    }

    /** The {@code table-format} that has room for all cells; empty if a cell has another form. */
    private static Optional<String> alignedFormat(DisplayColumn column) {
        int before = 1;
        int after = 0;
        int spread = 0;
        boolean isNegative = false;
        for (String cell : column.cells()) {
            Matcher number = ALIGNED.matcher(cell);
            if (cell.equals(DisplayColumn.NONE)) {
                continue;
            } else if (!column.numeric() || !number.matches()) {
                return Optional.empty();
            }
            isNegative |= !number.group(1).isEmpty();
            before = Math.max(before, number.group(2).length());
            after = Math.max(after, length(number.group(3)));
            spread = Math.max(spread, length(number.group(4)));
        }
        return column.numeric()
                ? Optional.of((isNegative ? "-" : "")
                        + before
                        + (after > 0 ? "." + after : "")
                        + (spread > 0 ? "(" + spread + ")" : ""))
                : Optional.empty();
    }

    /** Significant digits of a decimal, as siunitx counts them: those of 0.012 are two. */
    private static int length(@Nullable String digits) {
        return digits == null
                ? 0
                : digits.contains(".")
                        ? digits.replaceFirst("^0\\.0*", "").replace(".", "").length()
                        : digits.length();
    }

    /**
     * The name in lines that are hardly wider than numbers; an interval's kind is the last one. Braces keep siunitx from
     * reading a name as a number.
     */
    private static String header(DisplayColumn column) {
        String[] parts = column.name().split(" (?=±|\\[[^\\]]*\\]$)", 2);
        List<String> lines = new ArrayList<>(lines(parts[0]));
        lines.addAll(List.of(parts).subList(1, parts.length));
        String text = lines.stream().map(LatexTable::text).collect(Collectors.joining("\\\\{}"));
        return lines.size() == 1 ? "{" + text + "}" : "{\\shortstack{" + text + "}}";
    }

    /** Lines of a name, broken after a separator or at a space where they would become longer than {@link #LINE}. */
    private static List<String> lines(String name) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String piece : name.split("(?<=[/._ ])", -1)) {
            if (!line.isEmpty() && (line + piece).strip().length() > LINE) {
                lines.add(line.strip());
                line = "";
            }
            line += piece;
        }
        lines.add(line.strip());
        return lines;
    }

    private static String cell(DisplayColumn column, int row, boolean isAligned) {
        String cell = column.cells().get(row);
        String bold = column.bold().contains(row) ? "\\bfseries " : "";
        if (!column.numeric()) {
            return bold + text(cell);
        } else if (cell.equals(DisplayColumn.NONE)) {
            return "{--}";
        } else if (isAligned) {
            return bold + cell.replace("±", "+-");
        }
        return bold + ANY_NUMBER.matcher(cell).replaceAll("\\\\num{$0}").replace("±", "$\\pm$");
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" & ", "", " \\\\"));
    }

    private static String text(String text) {
        return MarkupFormats.escape(text, LATEX);
    }
}
