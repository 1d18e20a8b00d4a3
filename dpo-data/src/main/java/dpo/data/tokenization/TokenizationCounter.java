package dpo.data.tokenization;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.source.OnBadRow;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Aligns and truncates the examples in order, and counts dropped and truncated ones. */
final class TokenizationCounter {

    private static final Logger LOG = LoggerFactory.getLogger(TokenizationCounter.class);
    private static final int MOST_REPORTED = 10;

    private final TokenizationSettings settings;
    private final HuggingFaceTokenizer tokenizer;
    private final OnBadRow onBadRow;
    private final String file;
    private final Map<String, Integer> dropped = new LinkedHashMap<>();
    private final Map<String, String> firstDropped = new LinkedHashMap<>();
    private final List<BoundaryDisagreement> reported = new ArrayList<>();
    private int examples;
    private int used;
    private int truncated;
    private int disagreements;

    TokenizationCounter(TokenizationSettings settings, HuggingFaceTokenizer tokenizer, OnBadRow onBadRow, String file) {
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.onBadRow = onBadRow;
        this.file = file;
    }

    /** An example that cannot be tokenized is an error or is dropped. */
    List<ScoredSequence> bad(String id, BadRowException fault) {
        if (onBadRow == OnBadRow.FAIL) {
            throw new DataException(
                    fault.getMessage() + " (" + file + "; on_bad_row: skip drops and counts such rows)", fault);
        }
        examples++;
        return drop(fault.reason(), id + ": " + fault.getMessage());
    }

    /** The sequences of an example; none if it is dropped. */
    List<ScoredSequence> take(String id, List<EncodedCompletion> completions) {
        examples++;
        Alignment alignment = Alignment.of(completions);
        alignment.disagreement().ifPresent(gap -> {
            disagreements++;
            if (reported.size() < MOST_REPORTED) {
                reported.add(gap.decoded(id, tokenizer));
            }
        });
        return alignment.complete() ? cut(id, alignment.sequences()) : drop("turn_not_found", id);
    }

    TokenizationReport report() {
        if (used == 0) {
            StringBuilder message = new StringBuilder("data must hold at least one example that can be tokenized, got ")
                    .append(examples)
                    .append(", all dropped: ")
                    .append(dropped)
                    .append(" (")
                    .append(file)
                    .append(')');
            firstDropped.forEach((reason, row) ->
                    message.append('\n').append(reason).append(", first in ").append(row));
            throw new DataException(message.toString());
        }
        if (!dropped.isEmpty()) {
            LOG.warn("{} examples, {} used, dropped: {} ({})", examples, used, dropped, file);
        }
        return new TokenizationReport(examples, used, truncated, dropped, firstDropped, disagreements, reported);
    }

    private List<ScoredSequence> cut(String id, List<ScoredSequence> sequences) {
        int longest = sequences.stream()
                .mapToInt(sequence -> sequence.ids().length)
                .max()
                .orElse(0);
        if (longest > settings.maxLength() && settings.truncation() == Truncation.FAIL) {
            throw new DataException("prompt and completion must have at most max_length = " + settings.maxLength()
                    + " tokens, got " + longest + " (" + id + ")");
        }
        if (longest > settings.maxLength() && settings.truncation() == Truncation.DROP) {
            return drop("too_long", id);
        }
        List<ScoredSequence> kept = sequences.stream()
                .map(sequence -> settings.truncation().cut(sequence, settings.maxLength()))
                .toList();
        if (kept.stream().anyMatch(sequence -> sequence.spans().isEmpty())) {
            return drop("prompt_fills_max_length", id);
        }
        if (kept.stream()
                        .map(sequence -> IntBuffer.wrap(sequence.ids()))
                        .distinct()
                        .count()
                < kept.size()) {
            return drop("equal_in_tokens", id);
        }
        used++;
        truncated += longest > settings.maxLength() ? 1 : 0;
        return kept;
    }

    private List<ScoredSequence> drop(String reason, String first) {
        firstDropped.putIfAbsent(reason, first);
        dropped.merge(reason, 1, Integer::sum);
        return List.of();
    }
}
