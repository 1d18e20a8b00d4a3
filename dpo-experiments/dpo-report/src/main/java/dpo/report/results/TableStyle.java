package dpo.report.results;

import java.util.Set;

/**
 * How a table is printed for people.
 *
 * @param label label of the LaTeX table
 * @param digits significant digits of half an interval, which also round the estimate
 * @param bold cells in bold
 */
public record TableStyle(String label, int digits, Set<Cell> bold) {

    /** Two digits, nothing bold. */
    public static final TableStyle STANDARD = new TableStyle("tab:results", 2, Set.of());

    /**
     * A cell.
     *
     * @param row index of the row
     * @param column name of the column; of an interval, that of its estimate
     */
    public record Cell(int row, String column) {}

    public TableStyle {
        bold = Set.copyOf(bold);
    }
}
