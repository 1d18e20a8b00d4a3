package dpo.core.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** A matrix of few nonzero numbers per row, such as the feature differences of judged pairs, {@code [pair][feature]}. */
public final class SparseRows {

    private final int columns;
    private final int[] starts;
    private final int[] indices;
    private final double[] values;

    private SparseRows(int columns, int[] starts, int[] indices, double[] values) {
        this.columns = columns;
        this.starts = starts;
        this.indices = indices;
        this.values = values;
    }

    /**
     * A matrix of given rows.
     *
     * @param columns number of columns
     * @param rows the nonzero numbers of each row, by column
     * @throws IllegalArgumentException if a column is not in [0, columns)
     */
    public static SparseRows of(int columns, List<? extends SortedMap<Integer, Double>> rows) {
        int[] starts = new int[rows.size() + 1];
        List<Map.Entry<Integer, Double>> all = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            for (Map.Entry<Integer, Double> number : rows.get(row).entrySet()) {
                if (number.getKey() < 0 || number.getKey() >= columns) {
                    throw new IllegalArgumentException(
                            "column must be in [0, " + columns + "), got " + number.getKey() + " (row " + row + ")");
                }
                if (number.getValue() != 0) {
                    all.add(number);
                }
            }
            starts[row + 1] = all.size();
        }
        return new SparseRows(
                columns,
                starts,
                all.stream().mapToInt(Map.Entry::getKey).toArray(),
                all.stream().mapToDouble(Map.Entry::getValue).toArray());
    }

    /** Number of rows. */
    public int rows() {
        return starts.length - 1;
    }

    /** Number of columns. */
    public int columns() {
        return columns;
    }

    /** The product of a row and a vector. */
    public double dot(int row, double[] vector) {
        double sum = 0;
        for (int k = starts[row]; k < starts[row + 1]; k++) {
            sum += values[k] * vector[indices[k]];
        }
        return sum;
    }

    /** Adds a multiple of a row to a vector. */
    void addTo(double[] vector, int row, double factor) {
        for (int k = starts[row]; k < starts[row + 1]; k++) {
            vector[indices[k]] += factor * values[k];
        }
    }

    /** The columns of the nonzero numbers of a row, ascending. */
    int[] indices(int row) {
        return Arrays.copyOfRange(indices, starts[row], starts[row + 1]);
    }

    /** The nonzero numbers of a row, in the order of {@link #indices(int)}. */
    double[] values(int row) {
        return Arrays.copyOfRange(values, starts[row], starts[row + 1]);
    }
}
