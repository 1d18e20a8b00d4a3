package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Summary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A metric of one setting by seed, on the scale on which it is compared: natural logarithms for metrics of {@link
 * Summary#isOnLogScale}.
 *
 * @param values seed → value; NaN if it is not finite, or not positive on the logarithmic scale
 */
record BySeed(SortedMap<SettingValue, Double> values) {

    static BySeed of(Replicates row, String metric) {
        SortedMap<SettingValue, Double> values = new TreeMap<>();
        row.bySeed().forEach((seed, run) -> {
            double value = run.metric(metric);
            double onScale = Summary.isOnLogScale(metric) ? Math.log(value) : value;
            values.put(seed, Double.isFinite(onScale) ? onScale : Double.NaN);
        });
        return new BySeed(values);
    }

    /** The seeds that all have. */
    static SortedSet<SettingValue> common(Collection<BySeed> all) {
        Optional<SortedSet<SettingValue>> common = all.stream()
                .<SortedSet<SettingValue>>map(one -> new TreeSet<>(one.values.keySet()))
                .reduce((one, other) -> {
                    one.retainAll(other);
                    return one;
                });
        return common.orElseGet(TreeSet::new);
    }

    /** The values of some seeds, in the order of the seeds. */
    double[] of(Collection<SettingValue> seeds) {
        return seeds.stream()
                .mapToDouble(seed -> values.getOrDefault(seed, Double.NaN))
                .toArray();
    }

    /** All values, in the order of the seeds. */
    double[] all() {
        return of(new ArrayList<>(values.keySet()));
    }

    /** Number of values that are not finite. */
    List<Double> notFinite() {
        return values.values().stream().filter(value -> !Double.isFinite(value)).toList();
    }
}
