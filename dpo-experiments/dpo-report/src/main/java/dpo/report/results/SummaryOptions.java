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
 */
public record SummaryOptions(IntervalKind interval, List<String> worlds) {

    /** 95 % confidence intervals over seeds. */
    public static final SummaryOptions STANDARD = new SummaryOptions(IntervalKind.CI95, List.of());

    public SummaryOptions {
        worlds = List.copyOf(worlds);
        if (worlds.contains(Results.SEED)) {
            throw new IllegalArgumentException("worlds must be other settings than seed, got " + worlds);
        }
    }

    /** The settings over which runs are summarised. */
    Set<String> over() {
        Set<String> over = new LinkedHashSet<>(worlds);
        over.add(Results.SEED);
        return over;
    }
}
