package dpo.train;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * A reference that follows the policy (TR-DPO, Gorbatovski et al. 2024, arXiv:2404.09656, eqs. 3 and 4): every τ optimizer
 * steps, {@code θ_ref ← (1 − α) θ_ref + α θ}; α = 1 is the paper's hard update.
 *
 * @param syncSteps τ, at least 1
 * @param mixupAlpha α in (0, 1]
 */
public record ReferenceUpdates(
        @Setting(about = "τ >= 1: optimizer steps between updates", byDefault = "512")
        int syncSteps,

        @Setting(about = "α in (0, 1]: share of the policy; 1 copies it", byDefault = "0.6")
        double mixupAlpha) {

    public ReferenceUpdates {
        Requirement.atLeast("sync_steps", syncSteps, 1);
        Requirement.positive("mixup_alpha", mixupAlpha);
        Requirement.between("mixup_alpha", mixupAlpha, 0, 1);
    }
}
