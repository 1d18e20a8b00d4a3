package dpo.experiments.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** Token log-probabilities of a list of pairs under the reference, {@code [pair][token]}, nats. */
final class ReferenceLogProbs {

    private final List<double[]> chosen;
    private final List<double[]> rejected;

    ReferenceLogProbs(List<double[]> chosen, List<double[]> rejected) {
        this.chosen = List.copyOf(chosen);
        this.rejected = List.copyOf(rejected);
    }

    /** The rows of a batch, in the order of {@link PreferenceBatch#sequences()}. */
    TokenLogProbs of(PreferenceBatch batch, List<Integer> indices) {
        TokenShape shape = TokenShape.of(batch.sequences());
        double[] values = new double[shape.tokens()];
        int at = 0;
        for (List<double[]> side : List.of(chosen, rejected)) {
            for (int index : indices) {
                double[] row = side.get(index);
                System.arraycopy(row, 0, values, at, row.length);
                at += row.length;
            }
        }
        return TokenLogProbs.of(shape, values);
    }
}
