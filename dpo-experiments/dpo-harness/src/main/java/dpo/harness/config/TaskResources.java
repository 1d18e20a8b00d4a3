package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * What a cell needs of the machine that computes it ({@code cluster:} in a configuration file). It is not part of the
 * identity of a run.
 *
 * @param cpus processors
 * @param gpus GPUs
 * @param attempts how often a cell is started whose process does not end well
 * @param patience seconds to wait for a machine that can hold a cell
 */
public record TaskResources(
        @Setting(about = "processors of a cell, >= 1", byDefault = "1")
        int cpus,

        @Setting(about = "GPUs of a cell: 0 or 1", byDefault = "0")
        int gpus,

        @Setting(about = "starts of a cell whose process crashes, >= 1, before it is left unfinished", byDefault = "4")
        int attempts,

        @Setting(
                about = "seconds without a machine that can hold a cell, >= 1, after which the sweep fails",
                byDefault = "300")
        int patience) {

    /** Without a section {@code cluster:}. */
    public static final TaskResources BY_DEFAULT = new TaskResources(1, 0, 4, 300);

    public TaskResources {
        Requirement.atLeast("cpus", cpus, 1);
        Requirement.holds(gpus == 0 || gpus == 1, "gpus", "must be 0 or 1", gpus);
        Requirement.atLeast("attempts", attempts, 1);
        Requirement.atLeast("patience", patience, 1);
    }
}
