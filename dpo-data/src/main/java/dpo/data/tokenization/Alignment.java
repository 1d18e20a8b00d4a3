package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence.Span;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where the scored turns of the completions of one prompt lie.
 *
 * <p>As in TRL (1.16, {@code dpo_trainer}), the completions start after the ids that the prompt alone shares with
 * prompt + completion, the fewest over all completions, so that all have the same prompt. Usually these are all
 * ids of the prompt. Later turns, which TRL does not tell apart, are found the same way, each on its own side.
 *
 * @param sides the sequences; a turn that lies nowhere has no span
 * @param complete whether every turn was found
 * @param disagreement the first place where a beginning is not a beginning of the whole
 */
record Alignment(List<ScoredSequence> sides, boolean complete, Optional<Gap> disagreement) {

    /** A beginning, the whole, and the number of ids that they share. */
    record Gap(int[] beginning, int[] whole, int shared) {

        BoundaryDisagreement told(String id, HuggingFaceTokenizer tokenizer) {
            int end = Math.min(beginning.length, whole.length);
            return new BoundaryDisagreement(id, shared,
                    tokenizer.decode(Arrays.copyOfRange(beginning, shared, beginning.length)),
                    tokenizer.decode(Arrays.copyOfRange(whole, shared, end)));
        }
    }

    static Alignment of(List<EncodedCompletion> sides) {
        List<Gap> gaps = new ArrayList<>();
        int prompt = sides.stream()
                .filter(EncodedCompletion::answersAtOnce)
                .mapToInt(side -> shared(side.turns().get(0).before(), side.ids(), gaps))
                .min()
                .orElse(0);
        boolean complete = true;
        List<ScoredSequence> aligned = new ArrayList<>();
        for (EncodedCompletion side : sides) {
            List<Span> spans = spans(side, prompt, gaps);
            complete &= spans.size() == side.turns().size();
            aligned.add(new ScoredSequence(side.ids(), spans));
        }
        return new Alignment(aligned, complete, gaps.stream().findFirst());
    }

    private static List<Span> spans(EncodedCompletion side, int prompt, List<Gap> gaps) {
        List<Span> spans = new ArrayList<>();
        int free = 1; // There is no log-probability of a first token.
        for (EncodedCompletion.Turn turn : side.turns()) {
            boolean atPrompt = side.answersAtOnce() && turn == side.turns().get(0);
            int start = Math.max(free, atPrompt ? prompt : shared(turn.before(), side.ids(), gaps));
            int end = shared(turn.through(), side.ids(), gaps);
            if (start < end) {
                spans.add(new Span(start, end));
                free = end;
            }
        }
        return spans;
    }

    private static int shared(int[] beginning, int[] whole, List<Gap> gaps) {
        int mismatch = Arrays.mismatch(beginning, whole);
        int shared = mismatch < 0 ? whole.length : mismatch;
        if (shared < beginning.length) {
            gaps.add(new Gap(beginning, whole, shared));
        }
        return shared;
    }
}
