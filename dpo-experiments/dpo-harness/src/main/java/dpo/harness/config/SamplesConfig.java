package dpo.harness.config;

import dpo.core.sampling.Sampling;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * What policy and reference are asked to say at every evaluation.
 *
 * @param prompts how many of the held-out prompts, the first ones, equal ones once
 * @param sampling how tokens are drawn; its keys stand beside the others
 */
public record SamplesConfig(
        @Setting(about = "number of held-out prompts, the first ones, >= 1", byDefault = "4") int prompts,
        @Inlined Sampling sampling) {

    public SamplesConfig {
        Requirement.atLeast("prompts", prompts, 1);
    }
}
