package dpo.data.tokenization;

import dpo.data.DataException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Aligns and cuts example after example, and keeps count. */
final class Tally {

    private static final int EXAMPLES_TOLD = 10;

    private final TokenizationSettings settings;
    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, Integer> dropped = new LinkedHashMap<>();
    private final List<BoundaryDisagreement> told = new ArrayList<>();
    private int examples;
    private int used;
    private int truncated;
    private int disagreements;
    private int indistinguishable;

    Tally(TokenizationSettings settings, HuggingFaceTokenizer tokenizer) {
        this.settings = settings;
        this.tokenizer = tokenizer;
    }

    /** The sequences of an example, or nothing where it is dropped. */
    List<Scored> take(String id, List<Side> sides) {
        examples++;
        Alignment alignment = Alignment.of(sides);
        alignment.disagreement().ifPresent(gap -> {
            disagreements++;
            if (told.size() < EXAMPLES_TOLD) {
                told.add(gap.told(id, tokenizer));
            }
        });
        return alignment.complete() ? cut(id, alignment.sides()) : drop("turn_not_found");
    }

    TokenizationReport report() {
        if (used == 0) {
            throw new DataException("data must hold at least one example that can be tokenised, got " + examples
                    + ", all dropped: " + dropped);
        }
        return new TokenizationReport(examples, used, truncated, dropped, disagreements, told, indistinguishable);
    }

    private List<Scored> cut(String id, List<Scored> sides) {
        int longest = sides.stream().mapToInt(side -> side.ids().length).max().orElse(0);
        if (longest > settings.maxLength() && settings.truncation() == Truncation.FAIL) {
            throw new DataException("prompt and completion must have at most max_length = " + settings.maxLength()
                    + " tokens, got " + longest + " (" + id + ")");
        }
        if (longest > settings.maxLength() && settings.truncation() == Truncation.DROP) {
            return drop("too_long");
        }
        List<Scored> kept = sides.stream()
                .map(side -> settings.truncation().cut(side, settings.maxLength()))
                .toList();
        if (kept.stream().anyMatch(side -> side.spans().isEmpty())) {
            return drop("prompt_fills_max_length");
        }
        used++;
        truncated += longest > settings.maxLength() ? 1 : 0;
        long different = kept.stream().map(side -> IntBuffer.wrap(side.ids())).distinct().count();
        indistinguishable += different < kept.size() ? 1 : 0;
        return kept;
    }

    private List<Scored> drop(String reason) {
        dropped.merge(reason, 1, Integer::sum);
        return List.of();
    }
}
