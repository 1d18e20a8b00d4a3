package dpo.report.results;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table: named columns and rows of cells.
 *
 * @param columns the columns' names
 * @param rows {@code [row][column]}; a cell is a Number, a Boolean, a String, or null for a missing value
 * @param settings columns of swept settings, whose numbers are printed with all their digits
 */
public record Table(List<String> columns, List<List<@Nullable Object>> rows, Set<String> settings) {

    /** The suffix of the name of a column of means. */
    public static final String MEAN = " mean";

    /** The suffix of the name of a column of sample standard deviations. */
    public static final String SD = " sd";

    /** A table without columns of settings. */
    public Table(List<String> columns, List<List<@Nullable Object>> rows) {
        this(columns, rows, Set.of());
    }

    public Table {
        columns = List.copyOf(columns);
        settings = Collections.unmodifiableSet(new LinkedHashSet<>(settings));
        rows = List.copyOf(rows);
        for (List<@Nullable Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row must have " + columns.size() + " cells, got " + row.size() + " (Table)");
            }
        }
    }

    /** This table with the columns of these names as settings. */
    Table withSettings(Collection<String> names) {
        Set<String> known = new LinkedHashSet<>(names);
        known.retainAll(columns);
        return new Table(columns, rows, known);
    }

    /**
     * The formatted columns: "m mean" followed by "m sd" becomes one column "m" of "mean ± sd", and numbers other than
     * settings are rounded to their significant digits.
     */
    List<DisplayColumn> display() {
        List<DisplayColumn> display = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i);
            String metric = name.endsWith(MEAN) ? name.substring(0, name.length() - MEAN.length()) : name;
            if (name.endsWith(MEAN)
                    && i + 1 < columns.size()
                    && columns.get(i + 1).equals(metric + SD)) {
                display.add(DisplayColumn.ofMeans(metric, column(i), column(i + 1)));
                i++;
            } else {
                display.add(
                        settings.contains(name)
                                ? DisplayColumn.exact(name, column(i))
                                : DisplayColumn.of(name, column(i)));
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
