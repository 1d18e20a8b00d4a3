package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.Label;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/** An objective that modifies another one and has at least its requirements. */
public interface Modifier extends PreferenceLoss {

    /** The inner objective. */
    PreferenceLoss loss();

    /** Requirements beyond those of the inner objective; by default none. */
    default Set<Need> ownNeeds() {
        return Set.of();
    }

    @Override
    default boolean usesReference() {
        return loss().usesReference();
    }

    @Override
    default Set<Need> needs() {
        Set<Need> needs = new TreeSet<>(loss().needs());
        needs.addAll(ownNeeds());
        return needs;
    }

    @Override
    default void requireUsable(Label label) {
        loss().requireUsable(label);
    }

    @Override
    default double beta() {
        return loss().beta();
    }

    @Override
    default boolean hasBeta() {
        return loss().hasBeta();
    }

    @Override
    default double[] rewards(PreferenceLogProbs logProbs) {
        return loss().rewards(logProbs);
    }

    @Override
    default OptionalDouble probability(double margin) {
        return loss().probability(margin);
    }
}
