package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * What a cell needs of the machine that computes it ({@code cluster:} in a configuration file). It is not part of the
 * identity of a run.
 *
 * @param cpus processors
 * @param gpus GPUs
 * @param attempts how often a cell is started at most before the sweep fails, since machines and processes may die
 */
public record TaskResources(
        @Setting(about = "processors of a cell, >= 1", byDefault = "1")
        int cpus,

        @Setting(about = "GPUs of a cell: 0 or 1", byDefault = "0")
        int gpus,

        @Setting(
                about = "starts of a cell, >= 1, after which the sweep fails because machines or processes died",
                byDefault = "4")
        int attempts) {

    public TaskResources {
        Requirement.atLeast("cpus", cpus, 1);
        Requirement.holds(gpus == 0 || gpus == 1, "gpus", "must be 0 or 1", gpus);
        Requirement.atLeast("attempts", attempts, 1);
    }
}
