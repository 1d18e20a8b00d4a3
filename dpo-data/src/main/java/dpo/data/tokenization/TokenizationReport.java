package dpo.data.tokenization;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The counts of tokenization of a data set. Always {@code examples = used + Σ dropped}.
 *
 * @param examples number of examples read
 * @param used number of examples that became preferences or sequences
 * @param truncated number of used examples with a truncated completion
 * @param dropped dropped examples by reason: {@code prompt_fills_max_length}, {@code too_long}, {@code turn_not_found}
 *     (the template does not render a completion at its position), {@code equal_in_tokens} (two completions have the
 *     same ids, by truncation or normalisation: such a pair has no gradient; TRL trains on it); and with {@code
 *     on_bad_row: skip} also {@code not_rendered} (by the template), {@code not_encoded} (by the tokenizer), {@code
 *     id_beyond_embedding}, {@code special_token_in_text}, {@code noncharacter}
 * @param firstDropped the first example for each reason
 * @param disagreements number of examples with a doubtful boundary; they are used, divided as in TRL
 * @param firstDisagreements up to ten of these boundaries
 */
public record TokenizationReport(
        int examples,
        int used,
        int truncated,
        Map<String, Integer> dropped,
        Map<String, String> firstDropped,
        int disagreements,
        List<BoundaryDisagreement> firstDisagreements) {

    public TokenizationReport {
        dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
        firstDropped = Collections.unmodifiableMap(new LinkedHashMap<>(firstDropped));
        firstDisagreements = List.copyOf(firstDisagreements);
    }
}
