package dpo.train;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;

/**
 * The completions that a method samples of the prompt of each preference of a step.
 *
 * @param perPrompt number of completions
 * @param maxNewTokens largest number of tokens of a completion
 */
public record StepSamples(int perPrompt, int maxNewTokens) {

    /** The ids of the prompt of a preference: the tokens before the first scored one. */
    public static int[] prompt(Preference preference) {
        TokenSequence first = preference.first();
        return Arrays.copyOf(first.ids(), first.turns().get(0).start());
    }

    /**
     * The prompt with a completion of the largest length; ids of the completion are 0.
     *
     * @param maxLength largest length of a sequence of the model, more than that of the prompt
     */
    public TokenSequence longest(Preference preference, int maxLength) {
        int[] prompt = prompt(preference);
        return TokenSequence.of(prompt, new int[Math.max(1, Math.min(maxNewTokens, maxLength - prompt.length))]);
    }

    /** The most tokens of the sequences of a preference. */
    long mostTokens(Preference preference, int maxLength) {
        return (long) perPrompt * longest(preference, maxLength).length();
    }
}
