package dpo.experiments.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** Token log-probabilities of a list of preferences under a fixed reference. */
final class StoredReference implements ReferenceLogProbs {

    private final List<double[]> tokens;

    /**
     * @param tokens of each preference, its completions one after the other
     */
    StoredReference(List<double[]> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    @Override
    public TokenLogProbs of(PreferenceBatch batch, List<Integer> indices) {
        TokenShape shape = TokenShape.of(batch.sequences());
        double[] values = new double[shape.tokens()];
        int at = 0;
        for (int index : indices) {
            double[] row = tokens.get(index);
            System.arraycopy(row, 0, values, at, row.length);
            at += row.length;
        }
        return TokenLogProbs.of(shape, values);
    }
}
