package dpo.core.tabular;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.theory.SparseRows;
import dpo.core.world.MarkovShape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads token sequences as paths through the states of a controlled world, and refuses those that are none. */
record TabularSequences(MarkovShape shape) {

    /** Number of token ids: completion tokens, then prompts. */
    int ids() {
        return shape.vocabulary() + shape.prompts();
    }

    /** Maximum length of a sequence, the prompt included. */
    int maxLength() {
        return 1 + shape.length();
    }

    /** The table entry of each scored token, row after row. */
    int[] entries(List<TokenSequence> sequences, int scoredTokens) {
        int[] entries = new int[scoredTokens];
        int filled = 0;
        for (int row = 0; row < sequences.size(); row++) {
            filled = fillEntries(sequences.get(row), row, entries, filled);
        }
        return entries;
    }

    private int fillEntries(TokenSequence sequence, int row, int[] entries, int filled) {
        if (sequence.length() > maxLength()) {
            throw refusal("sequence must have at most " + maxLength() + " tokens", sequence.length(), row);
        }
        int state = promptState(sequence.id(0), row);
        int at = filled;
        int turn = 0;
        for (int position = 1; position < sequence.length(); position++) {
            int token = sequence.id(position);
            requirePossible(state, token, row);
            if (turn < sequence.turns().size()
                    && position >= sequence.turns().get(turn).start()) {
                entries[at++] = state * shape.vocabulary() + token;
                turn += position + 1 == sequence.turns().get(turn).end() ? 1 : 0;
            }
            state = shape.next(state, token);
        }
        return at;
    }

    private int promptState(int token, int row) {
        int state = token - shape.vocabulary();
        if (state < 0 || state >= shape.prompts()) {
            throw refusal("first token must be a prompt in [" + shape.vocabulary() + ", " + ids() + ")", token, row);
        }
        return state;
    }

    private void requirePossible(int state, int token, int row) {
        if (token >= shape.vocabulary()) {
            throw refusal("completion token must be in [0, " + shape.vocabulary() + ")", token, row);
        }
        if (state == MarkovShape.OVER) {
            throw refusal("completion must stop with the end token " + MarkovShape.END, token, row);
        }
    }

    /** The state after a prompt, which may hold tokens of a completion. */
    int stateAfter(List<Integer> prompt, int row) {
        int state = promptState(prompt.get(0), row);
        for (int token : prompt.subList(1, prompt.size())) {
            requirePossible(state, token, row);
            state = shape.next(state, token);
        }
        if (state == MarkovShape.OVER) {
            throw refusal("prompt must not end with the end token", MarkovShape.END, row);
        }
        return state;
    }

    /** {@code [pair][entry]}: how many times more the chosen completion takes an entry than the rejected one. */
    SparseRows differences(List<Preference> pairs) {
        List<TreeMap<Integer, Double>> rows = new ArrayList<>(pairs.size());
        for (Preference pair : pairs) {
            pair.label().requirePair();
            TreeMap<Integer, Double> row = new TreeMap<>();
            count(pair.chosen(), 1, row);
            count(pair.rejected(), -1, row);
            rows.add(row);
        }
        return SparseRows.of(shape.entries(), rows);
    }

    private void count(TokenSequence sequence, double each, TreeMap<Integer, Double> row) {
        for (int entry : entries(List.of(sequence), sequence.scoredTokens())) {
            row.merge(entry, each, Double::sum);
        }
    }

    private static IllegalArgumentException refusal(String constraint, int value, int row) {
        return new IllegalArgumentException(constraint + ", got " + value + " (sequence " + row + ")");
    }
}
