package dpo.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import java.util.Optional;

/** Names the pair behind a log-probability that is not a finite number. */
public final class NonFinite {

    private NonFinite() {}

    /** The first such row of a batch, in words; empty where all are finite. */
    public static Optional<String> in(TokenLogProbs logProbs, PreferenceBatch batch) {
        int row = logProbs.firstNonFiniteRow();
        if (row < 0) {
            return Optional.empty();
        }
        return Optional.of(logProbs.sum(row) + " (pair " + batch.describe(row) + ")");
    }
}
