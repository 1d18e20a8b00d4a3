package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.OptionalDouble;

/**
 * An objective of the DPO family: a scalar to be minimised, and its exact gradient with respect to the policy's token
 * log-probabilities.
 *
 * <p>One record implements one published objective; its components are its hyper-parameters and its configuration keys,
 * so an option that an objective does not have cannot be set. Implementations are immutable and engine-free.
 *
 * <p><b>Contract.</b> Values are doubles in nats. The value of a micro-batch is its share of the mean over the whole
 * optimizer step, whose counts the {@link Normalizer} carries: values and gradients of the micro-batches of any split
 * add up to those of the undivided batch. Pair {@code j} enters with its weight: {@code (1/N) Σ_j weight_j · ℓ_j}.
 */
public interface PreferenceLoss {

    /**
     * Value and gradient of this objective on (a part of) an optimizer step.
     *
     * @param logProbs policy and reference log-probabilities of the pairs of the micro-batch
     * @param normalizer counts of the whole optimizer step
     */
    LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer);

    /**
     * The β that scales log-ratios into implicit rewards {@code β (log πθ − log π_ref)} (arXiv:2305.18290, eq. 5);
     * empty where the objective has none.
     */
    OptionalDouble rewardScale();
}
