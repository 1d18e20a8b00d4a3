package dpo.experiments.config;

import dpo.core.loss.GroupWeighted;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.TurnWeighted;
import dpo.core.loss.TurnWeights;
import dpo.core.loss.WeightedSum;
import dpo.core.setting.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The objective {@code L = Σ_i w_i L_pref^i + w L_SFT}: preference terms over turns and sources, and the SFT term.
 *
 * @param preference one published objective, or a weighted sum of some
 * @param sft the supervised term
 * @param turns weight of each assistant turn in the preference terms
 * @param groups weight of each preference source in the preference terms; absent: a plain mean over pairs
 */
public record ObjectiveConfig(
        @Setting(about = "a published objective, or a list of them with weights", byDefault = "{type: sigmoid}")
                PreferenceTerms preference,
        @Setting(about = "supervised term") Optional<SftConfig> sft,
        @Setting(about = "all, last, {discount: γ} or {weights: [w_1, …]}", byDefault = "all") TurnWeights turns,
        @Setting(about = "weights of preference sources") Optional<GroupConfig> groups) {

    /** Name of the preference part among the recorded terms. */
    public static final String PREFERENCE = "preference";

    /** Name of the SFT part among the recorded terms. */
    public static final String SFT = "sft";

    public ObjectiveConfig {
        if (sft.isPresent() && sft.get().weight().isBeta() && betas(preference).size() != 1) {
            throw new IllegalArgumentException("sft must have a number as weight where the preference terms do not share one"
                    + " beta, got beta for the betas " + betas(preference));
        }
    }

    /** The objective on preference pairs; the SFT term is in it where it is taken on the chosen side. */
    public PreferenceLoss loss() {
        PreferenceLoss loss = preference.loss();
        if (!(turns instanceof TurnWeights.All)) {
            loss = new TurnWeighted(loss, turns);
        }
        if (groups.isPresent()) {
            loss = new GroupWeighted(loss, groups.get().effectiveWeights());
        }
        if (sft.isEmpty() || sft.get().data().isPresent()) {
            return loss;
        }
        return new WeightedSum(List.of(
                new WeightedSum.Term(PREFERENCE, 1, loss),
                new WeightedSum.Term(SFT, sftWeight(), sft.get().loss())));
    }

    /** The number that multiplies the SFT term; 0 where there is none. */
    public double sftWeight() {
        return sft.map(term -> term.weight().isBeta() ? betas(preference).iterator().next() : term.weight().number())
                .orElse(0.0);
    }

    private static Set<Double> betas(PreferenceTerms preference) {
        List<Double> betas = new ArrayList<>();
        preference.terms().forEach(term -> term.loss().rewardScale().ifPresent(betas::add));
        return Set.copyOf(betas);
    }
}
