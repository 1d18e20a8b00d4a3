package dpo.core.loss.batch;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.BcoPairLoss;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.Map;
import java.util.Set;

/**
 * Binary classifier optimisation: desirable and undesirable completions are classified by their shifted rewards.
 *
 * <pre>
 *  ℓ = −log σ(βs − δ)      desirable
 *  ℓ = −log σ(−(βs − δ))   undesirable
 *  s = Σ_t (log πθ − log π_ref),   δ = mean of βs over all completions trained on so far, including those of this step
 * </pre>
 *
 * Jung et al. 2024 (BCO, arXiv:2404.04656) with the running mean of TRL's trainer. The mean is over completions; a pair
 * counts as one of each kind. δ is constant in the derivative and does not depend on weights. It is passed from step to
 * step as {@code count} and {@code mean}; an evaluation uses the value of the last training step. The loss is log 2 at
 * the first step if policy and reference are equal. Value and gradient are finite at all finite scores.
 *
 * <p>δ estimates the mean reward of a completion of the data, averaged over the policies of all steps so far. Every
 * completion counts once, so steps with few desirable or undesirable completions do not bias it. It lags behind the
 * current policy: while rewards grow at a constant rate, δ is about half of their current mean.
 *
 * <p>Differences from other code: the paper's δ lies halfway between the mean rewards of desirable and of undesirable
 * completions, which is the same only for equal numbers of both; TRL's BCOTrainer weighted undesirable completions by a
 * density ratio on request, and updated δ micro-batch by micro-batch. With δ = 0, on pairs, it is half of {@link
 * BcoPairLoss}.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 */
@Published(
        type = "bco",
        formula = "-log σ(βs - δ) desirable, -log σ(δ - βs) undesirable, δ = running mean of βs",
        paper = "arXiv:2404.04656; TRL BCOTrainer",
        atInitialisation = "log 2 = 0.6931")
public record BcoLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta) implements PreferenceLoss {

    private static final String COUNT = "count";
    private static final String MEAN = "mean";

    public BcoLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        int completions = logProbs.policy().rows();
        double rewards = 0;
        for (int row = 0; row < completions; row++) {
            rewards += beta * logProbs.logRatio(row);
        }
        double seen = normalizer.carried().getOrDefault(COUNT, 0.0);
        double before = normalizer.carried().getOrDefault(MEAN, 0.0);
        double count = normalizer.isEvaluation() ? seen : seen + completions;
        double shift = normalizer.isEvaluation() ? before : before + (rewards - completions * before) / count;
        LossEvaluation evaluation = LabelledCompletions.mean(logProbs, normalizer, (desirable, logRatio) -> {
            double sign = desirable ? 1 : -1;
            double reward = sign * (beta * logRatio - shift);
            return new LabelledCompletions.Term(-logSigmoid(reward), -sign * beta * sigmoid(-reward));
        });
        return new LossEvaluation(
                evaluation.value(), evaluation.gradient(), Map.of(), Map.of(), Map.of(COUNT, count, MEAN, shift));
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.WHOLE_STEP);
    }

    @Override
    public void requireUsable(Label label) {
        LabelledCompletions.requireUsable(label);
    }
}
