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
 * @param dropped examples left out, by reason: {@code prompt_fills_max_length}, {@code too_long},
 *     {@code turn_not_found} (the template does not render an answer where it should stand)
 * @param disagreements examples in which some boundary is in doubt; they are used, cut as TRL cuts them
 * @param firstDisagreements up to ten of these places
 * @param indistinguishable preferences used of which two completions are equal in ids, after a cut or by normalisation; a
 *     pair of them has no gradient
 */
public record TokenizationReport(
        int examples,
        int used,
        int truncated,
        Map<String, Integer> dropped,
        int disagreements,
        List<BoundaryDisagreement> firstDisagreements,
        int indistinguishable) {

    public TokenizationReport {
        dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
        firstDisagreements = List.copyOf(firstDisagreements);
    }
}
