package dpo.report.figure;

import dpo.core.metric.MetricSet;
import dpo.report.results.EvaluationSets;
import dpo.report.settings.Labels;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A metric with its name in figures.
 *
 * @param metric its name in the files
 * @param label the quantity with its unit
 */
record Measure(String metric, String label) {

    private static final Pattern NAMED = Pattern.compile(EvaluationSets.EVALUATION + "([^/]+)/(.+)");

    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("loss", "training loss"),
            Map.entry("rewards/margins", "reward margin [nats]"),
            Map.entry("rewards/accuracies", "reward accuracy"),
            Map.entry("eval/loss", "evaluation loss"),
            Map.entry("eval/rewards/margins", "evaluation reward margin [nats]"),
            Map.entry("eval/rewards/accuracies", "evaluation reward accuracy"),
            Map.entry("world/reward", "expected true reward"),
            Map.entry("world/kl", "KL(πθ ‖ π_ref) per completion [nats]"),
            Map.entry("world/gap", "true reward below optimum at equal KL"),
            Map.entry("world/regret", "regret β KL(πθ ‖ π*_β)"),
            Map.entry("world/log_loss", "log-loss on the world's pairs [nats]"),
            Map.entry("world/accuracy", "accuracy on the world's pairs"));

    static Measure of(String metric, Labels labels) {
        return new Measure(
                metric, labels.of(metric).or(() -> ofNamedSet(metric)).orElse(LABELS.getOrDefault(metric, metric)));
    }

    /** "loss on NAME" and the like, for {@code eval/NAME/loss}. */
    private static Optional<String> ofNamedSet(String metric) {
        Matcher named = NAMED.matcher(metric);
        return named.matches()
                ? Optional.ofNullable(LABELS.get(EvaluationSets.EVALUATION + named.group(2)))
                        .map(label -> label.replace("evaluation ", "")
                                .replaceFirst("( \\[|$)", Matcher.quoteReplacement(" on " + named.group(1)) + "$1"))
                : Optional.empty();
    }

    /** Whether a metric of training steps is one of the user's own. */
    static boolean isCustom(String metric) {
        return metric.startsWith(MetricSet.CUSTOM);
    }

    /** The metric's name as part of a file name. */
    String fileName() {
        return metric.replaceAll("[^A-Za-z0-9]+", "-");
    }
}
