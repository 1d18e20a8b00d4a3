package dpo.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** Token log-probabilities of a list of preferences under the reference, nats. */
public interface ReferenceLogProbs {

    /** No rows, for reference-free objectives. */
    ReferenceLogProbs NONE = (batch, indices) -> TokenLogProbs.ofRows();

    /**
     * The rows of a batch, in the order of {@link PreferenceBatch#sequences()}.
     *
     * @param batch some of the preferences
     * @param indices indices of these preferences
     */
    TokenLogProbs of(PreferenceBatch batch, List<Integer> indices);
}
