package dpo.harness.config;

import dpo.core.loss.Divergence;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.train.StepLoss;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The objective {@code L = Σ_i w_i L_pref^i + w L_SFT}: preference terms over turns and sources, and the SFT term.
 *
 * @param preference one published objective, or a weighted sum of some
 * @param divergence the divergence from the reference that the preference terms regularise
 * @param ldAlpha α of LD-DPO, the weight of tokens past the length of the shorter completion; absent: 1
 * @param weighting weight of each pair in the preference terms
 * @param sft the supervised term
 * @param turns weight of each assistant turn in the preference terms
 * @param groups weight of each preference source in the preference terms; absent: a plain mean over pairs
 */
public record ObjectiveConfig(
        @Setting(about = "a published objective, or a list of them with weights", byDefault = "{type: sigmoid}")
        PreferenceTerms preference,

        @Setting(
                about = "reverse_kl, forward_kl, js or alpha, for objectives of the margin",
                byDefault = "{type: reverse_kl}")
        Divergence divergence,

        @Setting(about = "α in [0, 1] of LD-DPO: weight of the excess tokens of the longer completion")
        Optional<Double> ldAlpha,

        @Setting(
                about = "none; wpo: pairs weighted by their probability under the policy, at most 1;"
                        + " wpo_unclamped: without that limit, as in TRL",
                byDefault = "none")
        Weighting weighting,

        @Setting(about = "supervised term") Optional<SftConfig> sft,

        @Setting(about = "all, last, {discount: γ} or {weights: [w_1, …]}", byDefault = "all")
        TurnWeights turns,

        @Setting(about = "weights of preference sources") Optional<GroupConfig> groups) {

    /** Weight of each pair beyond that of the data. */
    public enum Weighting {
        /** 1. */
        NONE,
        /** {@link WpoWeighted} with weights of at most 1, as in the paper's code. */
        WPO,
        /** {@link WpoWeighted} without that bound, TRL's {@code use_weighting}. */
        WPO_UNCLAMPED
    }

    public ObjectiveConfig {
        ldAlpha.ifPresent(alpha -> Requirement.between("ld_alpha", alpha, 0, 1));
        if (sft.isPresent() && sft.get().weight().isBeta() && betas(preference).size() != 1) {
            throw new SettingException(
                    "sft",
                    "must have a number as weight if the preference terms do not share one beta",
                    "beta for the betas " + betas(preference),
                    "preference");
        }
        boolean isSft = sft.isPresent()
                && (sft.get().weight().isBeta() || sft.get().weight().number() > 0);
        if (!isSft && preference.terms().stream().allMatch(term -> term.weight() == 0)) {
            throw new SettingException(
                    "preference", "must have a term whose weight is not 0", "weights that are all 0", "sft");
        }
        if (preference.terms().stream().allMatch(term -> term.loss() instanceof SftLoss)) {
            requireAbsentBesideSftAlone("divergence", !(divergence instanceof Divergence.ReverseKl));
            requireAbsentBesideSftAlone("ld_alpha", ldAlpha.isPresent());
            requireAbsentBesideSftAlone("weighting", weighting != Weighting.NONE);
        }
        // Undefined combinations are refused here, when the configuration is read.
        compose(preference, divergence, ldAlpha, weighting, turns, groups);
    }

    /** The objective on preferences; it includes an SFT term on the chosen side. */
    public PreferenceLoss loss() {
        PreferenceLoss loss = compose(preference, divergence, ldAlpha, weighting, turns, groups);
        if (sft.isEmpty() || sft.get().data().isPresent()) {
            return loss;
        }
        return new WeightedSum(List.of(
                new WeightedSum.Term(StepLoss.PREFERENCE, 1, loss),
                new WeightedSum.Term(StepLoss.SFT, sftWeight(), sft.get().loss())));
    }

    private static PreferenceLoss compose(
            PreferenceTerms preference,
            Divergence divergence,
            Optional<Double> ldAlpha,
            Weighting weighting,
            TurnWeights turns,
            Optional<GroupConfig> groups) {
        PreferenceLoss loss = preference.loss(term -> {
            if (term instanceof SftLoss) {
                return term;
            }
            PreferenceLoss bound = bound(term, divergence);
            PreferenceLoss desensitized = ldAlpha.<PreferenceLoss>map(alpha -> new LengthDesensitized(bound, alpha))
                    .orElse(bound);
            return weighting == Weighting.NONE
                    ? desensitized
                    : new WpoWeighted(desensitized, weighting == Weighting.WPO);
        });
        PreferenceLoss overTurns = turns instanceof TurnWeights.All ? loss : new TurnWeighted(loss, turns);
        return groups.map(config -> config.over(overTurns)).orElse(overTurns);
    }

    private static void requireAbsentBesideSftAlone(String key, boolean isGiven) {
        if (isGiven) {
            throw new SettingException(
                    key,
                    "must be absent if sft is the only preference term, which it does not change",
                    "one",
                    "preference");
        }
    }

    private static PreferenceLoss bound(PreferenceLoss term, Divergence divergence) {
        if (divergence instanceof Divergence.ReverseKl) {
            return term;
        }
        if (!(term instanceof MarginLoss margin)) {
            throw new SettingException(
                    "divergence",
                    "must be reverse_kl for an objective that does not depend only on the margin (rewards"
                            + " are known up to a constant, which cancels only in margins)",
                    "another for " + PreferenceLoss.typeOf(term.getClass()),
                    "preference");
        }
        return new FDivergenceLoss(margin, divergence);
    }

    /** The factor of the SFT term; 0 without one. */
    public double sftWeight() {
        return sft.map(term -> term.weight().isBeta()
                        ? betas(preference).iterator().next()
                        : term.weight().number())
                .orElse(0.0);
    }

    /** The values of the key {@code beta} of the terms. */
    private static Set<Double> betas(PreferenceTerms preference) {
        return preference.terms().stream()
                .map(PreferenceTerms.Term::loss)
                .filter(loss ->
                        Keys.of(loss.getClass().asSubclass(Record.class)).contains("beta"))
                .map(PreferenceLoss::beta)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
