package dpo.core.metric;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.PreferenceLoss;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The {@linkplain PreferenceMetrics built-in metrics} of an objective and custom ones. */
public final class MetricSet implements PreferenceMetric.Accumulator {

    /** Prefix of the names of custom metrics. */
    public static final String CUSTOM = "custom/";

    private final PreferenceMetrics builtIn;
    private final List<PreferenceMetric.Accumulator> custom;

    public MetricSet(PreferenceLoss objective, List<PreferenceMetric> metrics) {
        this.builtIn = new PreferenceMetrics(objective);
        this.custom =
                metrics.stream().map(metric -> metric.accumulator(objective)).toList();
    }

    @Override
    public void add(PreferenceLogProbs logProbs) {
        builtIn.add(logProbs);
        custom.forEach(metric -> metric.add(logProbs));
    }

    /**
     * The values of all metrics by name.
     *
     * @throws IllegalArgumentException if two values have the same name; case does not distinguish names, since it does
     *     not in SQL
     */
    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>(builtIn.values());
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (PreferenceMetric.Accumulator metric : custom) {
            metric.values().forEach((name, value) -> {
                values.put(CUSTOM + name, value);
                if (!names.add(name)) {
                    throw new IllegalArgumentException(
                            "metrics must give values of different names, got two of " + name);
                }
            });
        }
        return values;
    }
}
