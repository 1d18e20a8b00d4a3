package dpo.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import java.util.Optional;

/** Finds the pair of a log-probability that is not finite. */
public final class NonFinite {

    private NonFinite() {}

    /** A description of the first row that is not finite; empty if all are finite. */
    public static Optional<String> in(TokenLogProbs logProbs, PreferenceBatch batch) {
        int row = logProbs.firstNonFiniteRow();
        if (row < 0) {
            return Optional.empty();
        }
        return Optional.of(logProbs.sum(row) + " (pair " + batch.describe(row) + ")");
    }
}
