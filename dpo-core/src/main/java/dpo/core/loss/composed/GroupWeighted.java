package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Label;
import dpo.core.setting.SettingException;

/**
 * A preference objective over several preference sources: {@code L = Σ_i w_i · L^i}, where L^i is the mean of the loss
 * over the pairs of source i.
 *
 * <p>Pair j of source i gets the factor {@code w_i / share_i}, where share_i is the source's share of the data set
 * ({@link Normalizer#groupShares()}). On a whole data set this is exactly Σ_i w_i L^i; on a random optimizer step it
 * is an unbiased estimate of it, also where a source is absent from the step.
 *
 * @param loss the objective of a single source; its terms must belong to single pairs
 * @param weights w_i of each source
 */
@Published(
        type = "groups: weights",
        formula = "Σ_i w_i L^i over preference sources: given weights, equal, by_size",
        paper = "group-weighted DPO",
        atInitialisation = "Σ w_i times the value of the inner objective")
public record GroupWeighted(PreferenceLoss loss, GroupWeights weights) implements Modifier {

    public GroupWeighted {
        if (loss.needs().contains(Need.EQUAL_WEIGHTS)) {
            throw new SettingException(
                    "groups",
                    "must be absent for an objective whose terms belong to no single pair",
                    weights,
                    "preference");
        }
    }

    /** @throws IllegalArgumentException if a group has no weight, or no share in the normalizer */
    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        double[] weighted = new double[logProbs.size()];
        for (int j = 0; j < weighted.length; j++) {
            Label label = logProbs.labels().get(j);
            double share = normalizer.groupShare(label.group());
            weighted[j] = label.weight() * weights.weight(label.group(), normalizer) / share;
        }
        return loss.evaluate(logProbs.withWeights(weighted), normalizer);
    }
}
