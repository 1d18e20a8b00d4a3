package dpo.report.figure;

import dpo.core.metric.MetricSet;
import dpo.report.settings.Labels;
import java.util.Map;

/**
 * A metric with its name in figures.
 *
 * @param metric its name in the files
 * @param label the quantity with its unit
 */
record Measure(String metric, String label) {

    private static final Map<String, String> LABELS = Map.of(
            "loss", "training loss",
            "rewards/margins", "reward margin [nats]",
            "rewards/accuracies", "reward accuracy",
            "eval/loss", "evaluation loss",
            "eval/rewards/margins", "evaluation reward margin [nats]",
            "eval/rewards/accuracies", "evaluation reward accuracy",
            "world/reward", "expected true reward",
            "world/kl", "KL(πθ ‖ π_ref) per completion [nats]",
            "world/gap", "true reward below optimum at equal KL");

    static Measure of(String metric, Labels labels) {
        return new Measure(metric, labels.of(metric).orElse(LABELS.getOrDefault(metric, metric)));
    }

    /** Whether a metric is one of the user's own. */
    static boolean isCustom(String metric) {
        return metric.startsWith(MetricSet.CUSTOM) || metric.startsWith("eval/" + MetricSet.CUSTOM);
    }

    /** The metric's name as part of a file name. */
    String fileName() {
        return metric.replaceAll("[^A-Za-z0-9]+", "-");
    }
}
