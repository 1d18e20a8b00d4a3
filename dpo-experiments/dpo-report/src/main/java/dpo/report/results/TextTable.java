package dpo.report.results;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Formats a table as aligned text. */
final class TextTable {

    /** The width of a column up to which its name is not broken. */
    private static final int HEADER_WIDTH = 14;

    private static final int CAPTION_WIDTH = 100;

    private TextTable() {}

    static String render(Table table) {
        List<DisplayColumn> columns = table.display();
        List<List<String>> headers = columns.stream().map(TextTable::header).toList();
        int height = headers.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = IntStream.range(0, columns.size())
                .map(i -> Math.max(width(headers.get(i)), width(columns.get(i).cells())))
                .toArray();
        List<String> lines = new ArrayList<>();
        for (int line = 0; line < height; line++) {
            List<String> cells = new ArrayList<>();
            for (List<String> header : headers) {
                int skipped = height - header.size();
                cells.add(line < skipped ? "" : header.get(line - skipped));
            }
            lines.add(line(columns, cells, widths));
        }
        lines.add(IntStream.of(widths).mapToObj("─"::repeat).collect(Collectors.joining("  ")));
        for (int row = 0; row < table.rows().size(); row++) {
            int current = row;
            lines.add(line(
                    columns,
                    columns.stream().map(column -> column.cells().get(current)).toList(),
                    widths));
        }
        table.caption().lines().flatMap(TextTable::wrapped).forEach(lines::add);
        return String.join("\n", lines) + "\n";
    }

    /** A text in lines of at most {@link #CAPTION_WIDTH} characters. */
    private static Stream<String> wrapped(String text) {
        List<String> lines = new ArrayList<>(List.of(""));
        for (String word : text.split(" ", -1)) {
            int last = lines.size() - 1;
            if (lines.get(last).isEmpty() || width(lines.get(last)) + 1 + width(word) <= CAPTION_WIDTH) {
                lines.set(last, (lines.get(last) + " " + word).strip());
            } else {
                lines.add(word);
            }
        }
        return lines.stream();
    }

    private static String line(List<DisplayColumn> columns, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String padding = " ".repeat(widths[i] - width(cells.get(i)));
            line.append(i == 0 ? "" : "  ")
                    .append(columns.get(i).numeric() ? padding + cells.get(i) : cells.get(i) + padding);
        }
        return line.toString().stripTrailing();
    }

    /** The name, broken after dots and slashes into lines no wider than the cells or {@link #HEADER_WIDTH}. */
    private static List<String> header(DisplayColumn column) {
        int limit = Math.max(HEADER_WIDTH, width(column.cells()));
        List<String> lines = new ArrayList<>();
        for (String part : column.name().split("(?<=[./])(?!$)|(?= [±\\[])", -1)) {
            int last = lines.size() - 1;
            if (!lines.isEmpty() && width(lines.get(last)) + width(part) <= limit) {
                lines.set(last, lines.get(last) + part);
            } else {
                lines.add(part.strip());
            }
        }
        return lines;
    }

    private static int width(List<String> texts) {
        return texts.isEmpty()
                ? 0
                : Collections.max(texts.stream().map(TextTable::width).toList());
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
