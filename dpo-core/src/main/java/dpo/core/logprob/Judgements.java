package dpo.core.logprob;

import dpo.core.sequence.Judgement;
import java.util.List;

/** The labels of a batch and their rows: each {@link Judgement} covers one row per completion, in order. */
public final class Judgements {

    private final List<Judgement> judgements;
    private final int[] firstRow;

    private Judgements(List<Judgement> judgements) {
        this.judgements = judgements;
        this.firstRow = new int[judgements.size() + 1];
        for (int j = 0; j < judgements.size(); j++) {
            firstRow[j + 1] = firstRow[j] + judgements.get(j).completions();
        }
    }

    /** Labels of consecutive rows. */
    public static Judgements of(List<Judgement> judgements) {
        return new Judgements(List.copyOf(judgements));
    }

    /** Number of preferences. */
    public int size() {
        return judgements.size();
    }

    /** The label of a preference. */
    public Judgement get(int index) {
        return judgements.get(index);
    }

    /** All, in order. */
    public List<Judgement> all() {
        return judgements;
    }

    /** Row of the best completion of a preference; {@code first(size())} is the number of rows. */
    public int first(int index) {
        return firstRow[index];
    }

    /** Number of rows of all preferences. */
    public int rows() {
        return firstRow[judgements.size()];
    }

    /** The preferences {@code [from, to)} alone. */
    public Judgements slice(int from, int to) {
        return new Judgements(judgements.subList(from, to));
    }
}
