package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.train.BestEvaluation.Direction;
import java.util.List;

/**
 * Successive halving of a sweep (Jamieson and Talwalkar 2016, arXiv:1502.07943): all settings train up to the first rung,
 * only the best of them up to the next one, and those that are left to the end.
 *
 * <p>The score of a setting at a rung is the mean of a metric over its seeds. A setting with a failed seed, or with a
 * score that is not a number, is the worst. The better of two equal scores is that of the earlier setting in the file.
 * A run that stopped early before a rung has the metric of its last evaluation there.
 *
 * @param metric metric of evaluations
 * @param direction which values are better
 * @param rungs optimizer steps, ascending; each needs an evaluation
 * @param keep share of the settings that continue after each rung, rounded up
 */
public record Halving(
        @Setting(about = "metric of evaluations, such as eval/loss")
        String metric,

        @Setting(about = "lowest or highest: which values are better")
        Direction direction,

        @Setting(about = "optimizer steps after which settings are dropped, ascending")
        List<Integer> rungs,

        @Setting(about = "share in (0, 1) of the settings that continue after each rung, rounded up", byDefault = "0.5")
        double keep) {

    public Halving {
        rungs = List.copyOf(rungs);
        Requirement.holds(keep > 0 && keep < 1, "keep", "must be in (0, 1)", keep);
        Requirement.holds(!rungs.isEmpty(), "rungs", "must hold at least one step", rungs);
        for (int i = 0; i < rungs.size(); i++) {
            Requirement.holds(
                    rungs.get(i) >= (i == 0 ? 1 : rungs.get(i - 1) + 1),
                    "rungs",
                    "must be positive and ascending",
                    rungs);
        }
    }

    /** Number of settings that continue after a rung. */
    public int kept(int settings) {
        return (int) Math.ceil(keep * settings);
    }

    /** The share of the optimizer steps of a whole sweep that are computed, if all runs have equally many steps. */
    public double share(int settings, double steps) {
        double computed = 0;
        int left = settings;
        int from = 0;
        for (int rung : rungs) {
            computed += left * (double) (rung - from);
            left = kept(left);
            from = rung;
        }
        return (computed + left * (steps - from)) / (settings * steps);
    }
}
