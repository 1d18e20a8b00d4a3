package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import java.util.List;

/** The reward of completions: the known one of a controlled world, or one that was learned. */
@FunctionalInterface
public interface RewardFunction {

    /**
     * The reward {@code r(x, y)} of each sequence, in the given order.
     *
     * @throws IllegalArgumentException if a sequence cannot be judged, such as one with an id outside the vocabulary
     */
    double[] rewards(List<TokenSequence> sequences);
}
