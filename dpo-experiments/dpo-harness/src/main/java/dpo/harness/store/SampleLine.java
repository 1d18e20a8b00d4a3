package dpo.harness.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A line of {@code samples.jsonl}: completions of one prompt by policy and reference. A model without a tokenizer has
 * token ids only. A line without step, pair or ids is damaged.
 *
 * @param step number of optimizer steps before it
 * @param pair the first held-out example with the prompt
 * @param prompt text of the prompt
 * @param policy text that the policy generated
 * @param reference text that the reference generated
 * @param promptIds token ids of the prompt
 * @param policyIds token ids that the policy generated
 * @param referenceIds token ids that the reference generated
 */
public record SampleLine(
        @JsonProperty(required = true) int step,
        String pair,
        Optional<String> prompt,
        Optional<String> policy,
        Optional<String> reference,
        List<Integer> promptIds,
        List<Integer> policyIds,
        List<Integer> referenceIds) {

    public SampleLine {
        Objects.requireNonNull(pair, "pair");
        promptIds = List.copyOf(promptIds);
        policyIds = List.copyOf(policyIds);
        referenceIds = List.copyOf(referenceIds);
    }
}
