package dpo.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a step costs, counted in the same way for all methods.
 *
 * @param samples completions sampled from the policy
 * @param tokens tokens that passed forward through a model (policy, reference, reward, value), once per pass; a sampled
 *     completion is one pass
 * @param updates optimizer updates of a model
 */
public record Budget(long samples, long tokens, long updates) {

    /** The prefix of the names of metrics. */
    public static final String PREFIX = "budget/";

    /** The sum of two budgets. */
    public Budget plus(Budget other) {
        return new Budget(samples + other.samples, tokens + other.tokens, updates + other.updates);
    }

    /** The numbers by the names of {@code metrics.jsonl}. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(PREFIX + "samples", (double) samples);
        metrics.put(PREFIX + "tokens", (double) tokens);
        metrics.put(PREFIX + "updates", (double) updates);
        return metrics;
    }
}
