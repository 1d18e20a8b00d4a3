package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.Judgement;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An objective of the DPO family: a scalar to be minimised, and its exact gradient with respect to the policy's token
 * log-probabilities.
 *
 * <p>One record implements one published objective; its components are its hyper-parameters and its configuration keys,
 * so an option that an objective does not have cannot be set. Implementations are immutable and depend on no backend.
 *
 * <p><b>Contract.</b> Values are doubles in nats. The value of a micro-batch is its share of the mean over the whole
 * optimizer step, whose counts the {@link Normalizer} carries: values and gradients of the micro-batches of any split
 * add up to those of the undivided batch. Preference {@code j} enters with its weight:
 * {@code (1/N) Σ_j weight_j · ℓ_j}. An objective for which no such split exists says so by {@link Need#WHOLE_STEP}.
 *
 * <p>What an objective treats as a constant where it takes the derivative (a batch's KL estimate, a running mean) is
 * said in its documentation; the gradient is then that of the value with this number held fixed.
 */
public interface PreferenceLoss extends ImplicitReward {

    /**
     * Value and gradient of this objective on (a part of) an optimizer step.
     *
     * @param logProbs policy and reference log-probabilities of the preferences of the micro-batch
     * @param normalizer counts of the whole optimizer step, and what the step before left behind
     * @throws IllegalArgumentException where a judgement is not {@linkplain #requireUsable usable}
     */
    LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer);

    /** β, which scales scores into implicit rewards; 1 for an objective without a β. A record's component gives it. */
    default double beta() {
        return 1;
    }

    /** {@code β Σ_t (log πθ − log π_ref)} (arXiv:2305.18290, eq. 5), unless the objective has a reward of its own. */
    @Override
    default double[] rewards(PreferenceLogProbs logProbs) {
        return IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> beta() * logProbs.logRatio(row))
                .toArray();
    }

    /** Whether the objective depends on log-probabilities of the reference; otherwise none need be given. */
    default boolean usesReference() {
        return true;
    }

    /** What the objective must be given beyond log-probabilities; nothing, for most. */
    default Set<Need> needs() {
        return Set.of();
    }

    /**
     * Requires that the objective is defined for such a judgement: pairs, lists or labels; with ratings or without.
     * Known from the data alone, before any model is run.
     *
     * @throws IllegalArgumentException where it is not: what the objective must have
     */
    default void requireUsable(Judgement judgement) {}

    /** The {@link Published#type()} of an objective's class; its class name where it is not annotated. */
    static String typeOf(Class<? extends PreferenceLoss> loss) {
        return Optional.ofNullable(loss.getAnnotation(Published.class)).map(Published::type).orElse(loss.getName());
    }
}
