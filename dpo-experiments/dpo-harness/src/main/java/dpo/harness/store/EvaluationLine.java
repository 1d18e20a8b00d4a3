package dpo.harness.store;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code evaluations.jsonl}.
 *
 * @param step number of optimizer steps before it
 * @param metrics by name; null if not finite
 */
public record EvaluationLine(
        @JsonProperty(required = true) int step,
        @JsonAnyGetter @JsonAnySetter Map<String, @Nullable Double> metrics) {}
