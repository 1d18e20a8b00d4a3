package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.data.batch.MicroBatches;
import java.util.Arrays;
import java.util.List;

/** Token log-probabilities of a list of preferences under a fixed reference. */
public final class StoredReference implements ReferenceLogProbs {

    private final List<double[]> tokens;

    /**
     * @param tokens token log-probabilities of each preference, completion by completion
     */
    public StoredReference(List<double[]> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /**
     * Computes them with the current parameters of a policy.
     *
     * @throws TrainingFailure if one is not finite
     */
    static StoredReference compute(Policy reference, List<Preference> preferences, MicroBatches microBatches) {
        double[][] tokens = new double[preferences.size()][];
        for (List<Integer> indices : microBatches.cut(Preference.distinctTokens(preferences))) {
            PreferenceBatch batch =
                    new PreferenceBatch(indices.stream().map(preferences::get).toList());
            TokenLogProbs logProbs = reference.logProbs(batch.sequences());
            NonFinite.in(logProbs, batch).ifPresent(where -> {
                throw new TrainingFailure("reference log-probs must be finite, got " + where);
            });
            double[] all = logProbs.toArray();
            int from = 0;
            for (int index : indices) {
                int to = from + preferences.get(index).scoredTokens();
                tokens[index] = Arrays.copyOfRange(all, from, to);
                from = to;
            }
        }
        return new StoredReference(List.of(tokens));
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
