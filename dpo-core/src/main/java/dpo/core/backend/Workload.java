package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * What a run asks of its policy, as far as memory depends on it.
 *
 * @param device the policy's
 * @param sequences how many are trained on over the run, each of which may have a length of its own
 * @param trained the sequences of a forward and backward pass, of each that may be the largest
 * @param scored the sequences of a pass without a gradient, of each that may be the largest
 * @param accumulates whether gradients of an earlier pass of the same optimizer step may be held during a pass
 * @param secondModel whether the model is opened once more, as a reference that is computed and not stored
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
