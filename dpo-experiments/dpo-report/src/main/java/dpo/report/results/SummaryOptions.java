package dpo.report.results;

import dpo.statistics.IntervalKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How a summary treats repeated runs.
 *
 * @param interval what the interval around a mean shows
 * @param worlds swept settings that stand for all of their kind, such as the seed of a world: means are over their
 *     values, each with the same weight, and n is their number; empty: over seeds alone
 * @param pairs whether intervals also cover the choice of the held-out pairs, which are clustered by prompt
 * @param interquartile whether interquartile means over worlds and seeds replace means over worlds
 */
public record SummaryOptions(IntervalKind interval, List<String> worlds, boolean pairs, boolean interquartile) {

    /** 95 % confidence intervals over seeds. */
    public static final SummaryOptions STANDARD = of(IntervalKind.CI95);

    public SummaryOptions {
        worlds = List.copyOf(worlds);
        if (worlds.contains(Results.SEED)) {
            throw new IllegalArgumentException("worlds must be other settings than seed, got " + worlds);
        }
        if (pairs && (!worlds.isEmpty() || interval != IntervalKind.CI95)) {
            throw new IllegalArgumentException("intervals over seeds and pairs must be ci95 without worlds, got "
                    + interval.key() + " and worlds " + worlds);
        }
        if (interquartile && (worlds.isEmpty() || interval != IntervalKind.CI95)) {
            throw new IllegalArgumentException(
                    "interquartile means must have worlds and ci95, got worlds " + worlds + " and " + interval.key());
        }
    }

    /** Over seeds alone. */
    public static SummaryOptions of(IntervalKind interval) {
        return new SummaryOptions(interval, List.of(), false, false);
    }

    /** The settings over which runs are summarised. */
    Set<String> over() {
        Set<String> over = new LinkedHashSet<>(worlds);
        over.add(Results.SEED);
        return over;
    }
}
