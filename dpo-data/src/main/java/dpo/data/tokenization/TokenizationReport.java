package dpo.data.tokenization;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What tokenisation did to the examples of a data set. Always {@code examples = used + Σ dropped}.
 *
 * @param examples examples given
 * @param used examples that became preferences or sequences
 * @param truncated of those, how many were cut, in any completion
 * @param dropped examples left out, by reason: {@code prompt_fills_max_length}, {@code too_long}, {@code turn_not_found}
 *     (the template does not render an answer where it should stand), {@code equal_in_tokens} (two completions are the
 *     same ids, after a cut or by normalisation: a pair of them has no gradient; TRL trains on it); and with
 *     {@code on_bad_row: skip} also {@code not_rendered} (by the template), {@code not_encoded} (by the
 *     tokenizer), {@code id_beyond_embedding}, {@code special_token_in_text},
 *     {@code noncharacter}
 * @param firstDropped for each of these reasons the first example
 * @param disagreements examples in which some boundary is in doubt; they are used, cut as TRL cuts them
 * @param firstDisagreements up to ten of these places
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
