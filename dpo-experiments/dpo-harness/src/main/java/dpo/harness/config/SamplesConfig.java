package dpo.harness.config;

import dpo.core.sampling.Sampling;
import dpo.core.setting.Inlined;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Completions of held-out prompts, sampled at every evaluation.
 *
 * @param prompts number of distinct held-out prompts, the first ones
 * @param sampling how tokens are sampled; its keys are in the same mapping
 */
public record SamplesConfig(
        @Setting(about = "number of held-out prompts, >= 1; the first prompts are used", byDefault = "4")
        int prompts,

        @Inlined Sampling sampling) {

    public SamplesConfig {
        Requirement.atLeast("prompts", prompts, 1);
    }
}
