package dpo.core.sampling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Samples one completion, token by token: a backend gives the logits of the next token until {@link #isOver}. */
public final class CompletionSampler {

    private final Prompt prompt;
    private final Sampling settings;
    private final Set<Integer> endIds;
    private final int maxLength;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Double> logProbs = new ArrayList<>();
    private Optional<SampledCompletion.End> end = Optional.empty();

    /**
     * A sampler at the start of a completion.
     *
     * @param endIds tokens that end a completion
     * @param maxLength largest number of tokens of prompt and completion; the prompt has fewer
     */
    public CompletionSampler(Prompt prompt, Sampling settings, Set<Integer> endIds, int maxLength) {
        this.prompt = prompt;
        this.settings = settings;
        this.endIds = Set.copyOf(endIds);
        this.maxLength = maxLength;
    }

    /**
     * Draws the next token.
     *
     * @param logits one per token id; the array is not retained
     * @return its id
     * @throws IllegalStateException if the completion is complete
     */
    public int take(double[] logits) {
        if (isOver()) {
            throw new IllegalStateException(
                    "a token must be drawn before the completion ends, got a call after " + end);
        }
        NextToken next = new NextToken(logits);
        int token = next.draw(settings, prompt.random());
        ids.add(token);
        logProbs.add(next.logProb(token));
        if (endIds.contains(token)) {
            end = Optional.of(SampledCompletion.End.END_TOKEN);
        } else if (ids.size() == settings.maxNewTokens()) {
            end = Optional.of(SampledCompletion.End.MAX_NEW_TOKENS);
        } else if (length() == maxLength) {
            end = Optional.of(SampledCompletion.End.MAX_LENGTH);
        }
        return token;
    }

    /** Number of tokens of the prompt and of the completion so far. */
    public int length() {
        return prompt.ids().size() + ids.size();
    }

    /** The last drawn token, or the last one of the prompt before the first draw. */
    public int lastId() {
        return ids.isEmpty() ? prompt.ids().get(prompt.ids().size() - 1) : ids.get(ids.size() - 1);
    }

    /** Whether the completion is complete. */
    public boolean isOver() {
        return end.isPresent();
    }

    /**
     * The sampled completion.
     *
     * @throws IllegalStateException if it is not complete
     */
    public SampledCompletion finished() {
        return new SampledCompletion(
                ids,
                logProbs,
                end.orElseThrow(() ->
                        new IllegalStateException("completion must have ended, got " + ids.size() + " tokens so far")));
    }
}
