package dpo.report.results;

import dpo.harness.config.Backends;
import dpo.harness.store.RunFolder;
import dpo.statistics.Interval;
import dpo.statistics.SeedsAndItems;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Means of one setting over its seeds and over held-out pairs, from the scores that its runs have stored.
 *
 * @param runs for each seed, the values of its evaluation sets
 */
record SeedsAndPairs(List<List<PairValues>> runs) {

    static SeedsAndPairs of(Replicates row) {
        Backends backends = Backends.onClassPath();
        return new SeedsAndPairs(row.completed().stream()
                .map(run -> PairValues.of(new RunFolder(run.folder()), run.result(), backends))
                .toList());
    }

    /** Number of runs that have stored no pairs; there is then no interval over pairs. */
    int withoutPairs() {
        return (int) runs.stream().filter(List::isEmpty).count();
    }

    /** Whether each seed has held-out pairs of its own; the interval over seeds then covers the pairs too. */
    boolean areNested() {
        return withoutPairs() == 0
                && runs.stream()
                                .map(sets -> sets.stream()
                                        .map(set -> List.of(set.pairs(), set.prompts()))
                                        .toList())
                                .distinct()
                                .count()
                        > 1;
    }

    /** The mean with its interval; empty if the metric is not a mean over the stored pairs of a set in all runs. */
    Optional<Interval> interval(String metric) {
        int sets = runs.isEmpty() || withoutPairs() > 0 ? 0 : runs.get(0).size();
        for (int i = 0; i < sets; i++) {
            int set = i;
            if (runs.stream().allMatch(run -> run.get(set).values().containsKey(metric))) {
                double[][] values = runs.stream()
                        .map(run -> Objects.requireNonNull(run.get(set).values().get(metric)))
                        .toArray(double[][]::new);
                return Optional.of(
                        SeedsAndItems.mean(values, runs.get(0).get(set).clusters())
                                .interval());
            }
        }
        return Optional.empty();
    }
}
