package dpo.train;

import java.util.List;
import java.util.Map;

/**
 * The numbers of an evaluation.
 *
 * @param step number of optimizer steps before it
 * @param metrics {@code eval/…} on held-out preferences, {@code world/…} in a controlled world; may be empty
 * @param sets the scored evaluation sets, in the order of the data
 */
public record EvaluationReport(int step, Map<String, Double> metrics, List<ScoredSet> sets) {}
