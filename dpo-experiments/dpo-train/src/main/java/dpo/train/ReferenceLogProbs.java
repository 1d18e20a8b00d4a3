package dpo.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** Token log-probabilities of a list of preferences under the reference, nats. */
public interface ReferenceLogProbs {

    /** Those of no reference: no rows, for objectives that do not use one. */
    ReferenceLogProbs NONE = (batch, indices) -> TokenLogProbs.ofRows();

    /**
     * The rows of a batch, in the order of {@link PreferenceBatch#sequences()}.
     *
     * @param batch some of the preferences
     * @param indices which ones they are
     */
    TokenLogProbs of(PreferenceBatch batch, List<Integer> indices);
}
