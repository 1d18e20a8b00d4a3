package dpo.report.results;

import dpo.core.metric.MetricSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The evaluation sets of a sweep, by the prefixes of their metrics: {@code eval/} of a set without a name, and
 * {@code eval/NAME/} of named ones.
 */
public record EvaluationSets(List<String> prefixes) {

    /** The prefix of all metrics of evaluations on held-out preferences. */
    public static final String EVALUATION = "eval/";

    private static final String LOSS = "loss";

    public EvaluationSets {
        prefixes = List.copyOf(prefixes);
    }

    /** The sets that have a loss among these metrics, in their order. */
    public static EvaluationSets of(Collection<String> metrics) {
        Stream<String> named = metrics.stream()
                .filter(metric -> metric.matches(EVALUATION + "[^/]+/" + LOSS))
                .map(metric -> metric.substring(0, metric.length() - LOSS.length()))
                .filter(prefix -> !prefix.equals(EVALUATION + MetricSet.CUSTOM));
        return new EvaluationSets(
                Stream.concat(Stream.of(EVALUATION), named).distinct().toList());
    }

    /** These metrics of each set, set by set; the names are without a prefix. */
    public Stream<String> all(List<String> metrics) {
        return prefixes.stream().flatMap(prefix -> metrics.stream().map(metric -> prefix + metric));
    }

    /** Whether a metric of evaluations is one of the user's own. */
    public boolean isCustom(String metric) {
        return prefixes.stream().anyMatch(prefix -> metric.startsWith(prefix + MetricSet.CUSTOM));
    }
}
