package dpo.core.logprob;

import dpo.core.sequence.Judgement;
import java.util.List;

/** How the rows of a batch belong together: each judgement covers as many rows as it has completions, in order. */
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

    /** Judgements over consecutive rows. */
    public static Judgements of(List<Judgement> judgements) {
        return new Judgements(List.copyOf(judgements));
    }

    /** Number of judgements. */
    public int size() {
        return judgements.size();
    }

    /** A judgement. */
    public Judgement get(int index) {
        return judgements.get(index);
    }

    /** All, in order. */
    public List<Judgement> all() {
        return judgements;
    }

    /** Row of a judgement's best completion; {@code first(size())} is the number of rows. */
    public int first(int index) {
        return firstRow[index];
    }

    /** Number of rows of all judgements. */
    public int rows() {
        return firstRow[judgements.size()];
    }

    /** The judgements {@code [from, to)} alone. */
    public Judgements slice(int from, int to) {
        return new Judgements(judgements.subList(from, to));
    }
}
