package dpo.experiments.results;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a question: named columns and rows of cells.
 *
 * @param columns the columns' names
 * @param rows {@code [row][column]}; a cell is a Number, a Boolean, a String, or null where there is no value
 */
public record Table(List<String> columns, List<List<@Nullable Object>> rows) {

    /** What the name of a column of means ends in. */
    public static final String MEAN = " mean";

    /** What the name of a column of sample standard deviations ends in. */
    public static final String SD = " sd";

    public Table {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        for (List<@Nullable Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row must have " + columns.size() + " cells, got " + row.size() + " (Table)");
            }
        }
    }

    /**
     * The columns as people read them: a column "m mean" followed by "m sd" becomes one column "m" of "mean ± sd",
     * and numbers are rounded to what tells.
     */
    List<DisplayColumn> display() {
        List<DisplayColumn> display = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i);
            String metric = name.endsWith(MEAN) ? name.substring(0, name.length() - MEAN.length()) : name;
            if (name.endsWith(MEAN) && i + 1 < columns.size() && columns.get(i + 1).equals(metric + SD)) {
                display.add(DisplayColumn.ofMeans(metric, column(i), column(i + 1)));
                i++;
            } else {
                display.add(DisplayColumn.of(name, column(i)));
            }
        }
        return display;
    }

    private List<@Nullable Object> column(int index) {
        List<@Nullable Object> column = new ArrayList<>();
        rows.forEach(row -> column.add(row.get(index)));
        return column;
    }
}
