package dpo.core.sequence;

import java.util.Collection;
import java.util.List;

/**
 * A tokenized preference: the completions of one prompt, best first, and their label.
 *
 * @param id unique name in its data set, for messages and per-pair records
 * @param completions sequences with the same prompt x, best first; y_w and y_l of a pair
 * @param label ratings, source and weight
 */
public record Preference(String id, List<TokenSequence> completions, Label label) {

    public Preference {
        completions = List.copyOf(completions);
        if (completions.size() != label.completions()) {
            throw new IllegalArgumentException("number of completions must be that of the label (" + label.completions()
                    + "), got " + completions.size() + " (" + id + ")");
        }
    }

    /** A pair without ratings, of the default group, with weight 1. */
    public static Preference pair(String id, TokenSequence chosen, TokenSequence rejected) {
        return new Preference(id, List.of(chosen, rejected), Label.ordered(2));
    }

    /** The preferred completion y_w of a pair. */
    public TokenSequence chosen() {
        return ofPair(0);
    }

    /** The other completion y_l of a pair. */
    public TokenSequence rejected() {
        return ofPair(1);
    }

    private TokenSequence ofPair(int index) {
        if (!label.isPair()) {
            throw new IllegalStateException(
                    "completions must be chosen and rejected, got " + completions.size() + " (" + id + ")");
        }
        return completions.get(index);
    }

    /** The best completion, or the only one. */
    public TokenSequence first() {
        return completions.get(0);
    }

    /** Number of tokens of all completions, each with the prompt. */
    public int tokens() {
        return completions.stream().mapToInt(TokenSequence::length).sum();
    }

    /**
     * Number of tokens of the prompt and all completions, with common prefixes counted once: the positions that a
     * causal model without padding computes. It does not depend on the order of the completions.
     */
    public int distinctTokens() {
        int tokens = 0;
        for (int i = 0; i < completions.size(); i++) {
            TokenSequence completion = completions.get(i);
            int known = completions.subList(0, i).stream()
                    .mapToInt(completion::commonBeginning)
                    .max()
                    .orElse(0);
            tokens += completion.length() - known;
        }
        return tokens;
    }

    /** {@link #distinctTokens()} of each of some preferences. */
    public static int[] distinctTokens(Collection<Preference> preferences) {
        return preferences.stream().mapToInt(Preference::distinctTokens).toArray();
    }

    /** Number of scored tokens of all completions. */
    public int scoredTokens() {
        return completions.stream().mapToInt(TokenSequence::scoredTokens).sum();
    }

    /** The name of a completion of this preference, for messages. */
    public String describe(int completion) {
        return switch (completions.size()) {
            case 1 -> id;
            case 2 -> id + ", " + (completion == 0 ? "chosen" : "rejected");
            default -> id + ", completion " + (completion + 1);
        };
    }
}
