package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence.Span;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The positions of the scored turns in the completions of one prompt.
 *
 * <p>As in TRL (1.16, {@code dpo_trainer}), the completions start after the ids that the prompt alone shares with
 * prompt + completion; the minimum over all completions counts, so that all have the same prompt. Usually these are all
 * ids of the prompt. Later turns, which TRL does not distinguish, are found the same way in each completion.
 *
 * @param sequences the sequences; a turn that was not found has no span
 * @param complete whether every turn was found
 * @param disagreement the first prefix whose ids are not a prefix of the whole
 */
record Alignment(List<ScoredSequence> sequences, boolean complete, Optional<Gap> disagreement) {

    /** A prefix, the whole, and the number of leading ids that they share. */
    record Gap(int[] prefix, int[] whole, int shared) {

        BoundaryDisagreement decoded(String id, HuggingFaceTokenizer tokenizer) {
            int end = Math.min(prefix.length, whole.length);
            return new BoundaryDisagreement(
                    id,
                    shared,
                    tokenizer.decode(Arrays.copyOfRange(prefix, shared, prefix.length)),
                    tokenizer.decode(Arrays.copyOfRange(whole, shared, end)));
        }
    }

    static Alignment of(List<EncodedCompletion> completions) {
        List<Gap> gaps = new ArrayList<>();
        int prompt = completions.stream()
                .filter(EncodedCompletion::answersAtOnce)
                .mapToInt(completion -> shared(completion.turns().get(0).before(), completion.ids(), gaps))
                .min()
                .orElse(0);
        boolean complete = true;
        List<ScoredSequence> aligned = new ArrayList<>();
        for (EncodedCompletion completion : completions) {
            List<Span> spans = spans(completion, prompt, gaps);
            complete &= spans.size() == completion.turns().size();
            aligned.add(new ScoredSequence(completion.ids(), spans));
        }
        return new Alignment(aligned, complete, gaps.stream().findFirst());
    }

    private static List<Span> spans(EncodedCompletion completion, int prompt, List<Gap> gaps) {
        List<Span> spans = new ArrayList<>();
        int free = 1; // The first token has no log-probability.
        boolean atPrompt = completion.answersAtOnce();
        for (EncodedCompletion.Turn turn : completion.turns()) {
            int start = Math.max(free, atPrompt ? prompt : shared(turn.before(), completion.ids(), gaps));
            atPrompt = false;
            int end = shared(turn.through(), completion.ids(), gaps);
            if (start < end) {
                spans.add(new Span(start, end));
                free = end;
            }
        }
        return spans;
    }

    private static int shared(int[] prefix, int[] whole, List<Gap> gaps) {
        int mismatch = Arrays.mismatch(prefix, whole);
        int shared = mismatch < 0 ? whole.length : mismatch;
        if (shared < prefix.length) {
            gaps.add(new Gap(prefix, whole, shared));
        }
        return shared;
    }
}
