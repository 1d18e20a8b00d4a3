package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.Label;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
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
 * optimizer step, with the denominators of the {@link Normalizer}: values and gradients of the micro-batches of any
 * split add up to those of the whole batch. Preference {@code j} has its weight:
 * {@code (1/N) Σ_j weight_j · ℓ_j}. An objective that cannot be split in this way has {@link Need#WHOLE_STEP}.
 *
 * <p>The documentation of an objective states which quantities are constants in the derivative, such as the KL estimate
 * of a batch or a running mean.
 */
public interface PreferenceLoss extends ImplicitReward {

    /**
     * Value and gradient of this objective on an optimizer step or a part of it.
     *
     * @param logProbs policy and reference log-probabilities of the preferences of the micro-batch
     * @param normalizer counts of the whole optimizer step, and state from the previous step
     * @throws IllegalArgumentException if a label is not {@linkplain #requireUsable usable}
     */
    LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer);

    /** β, the factor between scores and implicit rewards, a component of the record; 1 for an objective without β. */
    default double beta() {
        return 1;
    }

    /** Whether β is a setting of the objective: by default, whether its record has a component of that name. */
    default boolean hasBeta() {
        RecordComponent[] components = getClass().getRecordComponents();
        return components != null
                && Arrays.stream(components).anyMatch(part -> part.getName().equals("beta"));
    }

    /** By default {@code β Σ_t (log πθ − log π_ref)} (arXiv:2305.18290, eq. 5). */
    @Override
    default double[] rewards(PreferenceLogProbs logProbs) {
        return IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> beta() * logProbs.logRatio(row))
                .toArray();
    }

    /** Whether the objective depends on log-probabilities of the reference. */
    default boolean usesReference() {
        return true;
    }

    /** The requirements of the objective beyond log-probabilities; none for most objectives. */
    default Set<Need> needs() {
        return Set.of();
    }

    /**
     * Requires a label for which the objective is defined: a pair, a list or a single completion, with or without
     * ratings. This is checked before any model runs.
     *
     * @throws IllegalArgumentException if it is not defined; the message names the requirement
     */
    default void requireUsable(Label label) {}

    /** The {@link Published#type()} of an objective's class, or its class name without the annotation. */
    static String typeOf(Class<? extends PreferenceLoss> loss) {
        return Optional.ofNullable(loss.getAnnotation(Published.class))
                .map(Published::type)
                .orElse(loss.getName());
    }
}
