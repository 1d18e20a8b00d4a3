package dpo.core.logprob;

import dpo.core.sequence.Label;
import java.util.List;

/** The labels of a batch and their rows: each {@link Label} covers one row per completion, in order. */
public final class Labels {

    private final List<Label> labels;
    private final int[] firstRow;

    private Labels(List<Label> labels) {
        this.labels = labels;
        this.firstRow = new int[labels.size() + 1];
        for (int j = 0; j < labels.size(); j++) {
            firstRow[j + 1] = firstRow[j] + labels.get(j).completions();
        }
    }

    /** Labels of consecutive rows. */
    public static Labels of(List<Label> labels) {
        return new Labels(List.copyOf(labels));
    }

    /** Number of preferences. */
    public int size() {
        return labels.size();
    }

    /** The label of a preference. */
    public Label get(int index) {
        return labels.get(index);
    }

    /** All labels, in order. */
    public List<Label> all() {
        return labels;
    }

    /** Row of the best completion of a preference; {@code first(size())} is the number of rows. */
    public int first(int index) {
        return firstRow[index];
    }

    /** Number of rows of all preferences. */
    public int rows() {
        return firstRow[labels.size()];
    }

    /** The labels of the preferences {@code [from, to)}. */
    public Labels slice(int from, int to) {
        return new Labels(labels.subList(from, to));
    }
}
