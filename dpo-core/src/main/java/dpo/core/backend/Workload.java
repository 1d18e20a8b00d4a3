package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * The properties of a run on which the memory of its policy depends.
 *
 * @param device device of the policy
 * @param sequences number of sequences that the run trains on; each may have a different length
 * @param trained sequences of each forward and backward pass that may need the most memory
 * @param scored sequences of each pass without a gradient that may need the most memory
 * @param accumulates whether gradients of an earlier pass of the same optimizer step may be in memory during a pass
 * @param secondModel whether the model is opened twice, because reference values are computed and not stored
 */
public record Workload(
        String device,
        long sequences,
        List<List<TokenSequence>> trained,
        List<List<TokenSequence>> scored,
        boolean accumulates,
        boolean secondModel) {

    public Workload {
        trained = List.copyOf(trained);
        scored = List.copyOf(scored);
    }
}
