package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.SettingException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A preference objective in which the excess length of the longer completion counts less (LD-DPO, Liu et al. 2024,
 * arXiv:2409.06411):
 *
 * <pre>  log π(y) ← Σ_(t ≤ p) log π(y_t) + α Σ_(t &gt; p) log π(y_t),   p = min(L_w, L_l)</pre>
 *
 * α = 1 gives the inner objective; α = 0 truncates both completions to the length of the shorter one. In a list, p is
 * the length of the shortest completion. Lengths that the inner objective divides by remain those of the completions.
 * The KL estimate of KTO is of all tokens of the mismatched completions, each counted fully.
 *
 * <p>Differences from other code: LLaMA-Factory weights the policy's log-probabilities alone, so that its margin is not
 * 0 where policy and reference are equal; here, as in TRL, both models are weighted.
 *
 * @param loss the inner objective; not one of the divergence at each token ({@link Need#REFERENCE_KL}), which is not
 *     defined for partially weighted tokens
 * @param alpha α in [0, 1]
 */
@Published(
        type = "ld_alpha",
        formula = "log π(y) <- Σ_(t<=p) log π(y_t) + α Σ_(t>p) log π(y_t), p = min(L_w, L_l)",
        paper = "arXiv:2409.06411 (LD-DPO)",
        atInitialisation = "the value of the inner objective")
public record LengthDesensitized(PreferenceLoss loss, double alpha) implements Modifier {

    public LengthDesensitized {
        Requirement.between("ld_alpha", alpha, 0, 1);
        if (loss.needs().contains(Need.REFERENCE_KL)) {
            throw new SettingException(
                    "ld_alpha", "must be absent for an objective of the divergence at each token", alpha, "preference");
        }
    }

    /** The weighted log-probabilities, the arguments of the inner objective. */
    public PreferenceLogProbs weighted(PreferenceLogProbs logProbs) {
        return weights(logProbs).apply(logProbs);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        TokenWeights weights = weights(logProbs);
        return loss.evaluate(weights.apply(logProbs), normalizer).mapGradients(weights::pullBack);
    }

    private TokenWeights weights(PreferenceLogProbs logProbs) {
        TokenShape shape = logProbs.policy().shape();
        int[] shared = new int[shape.rows()];
        for (int j = 0; j < logProbs.size(); j++) {
            int first = logProbs.first(j);
            int end = logProbs.first(j + 1);
            int shortest = IntStream.range(first, end).map(shape::tokens).min().orElseThrow();
            Arrays.fill(shared, first, end, shortest);
        }
        return TokenWeights.ofExcess(shape, shared, alpha);
    }

    @Override
    public Set<Need> ownNeeds() {
        return Set.of(Need.SINGLE_TOKENS);
    }

    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        return loss.rewards(weighted(logProbs));
    }
}
