package dpo.core.sampling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A continuation in the making: an engine gives the logits of the next token until it is {@link #isOver}. */
public final class Continuing {

    private final Prompt prompt;
    private final Sampling settings;
    private final Set<Integer> endIds;
    private final int maxLength;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Double> logProbs = new ArrayList<>();
    private Optional<Continuation.End> end = Optional.empty();

    /**
     * Nothing yet.
     *
     * @param endIds tokens after which there is nothing
     * @param maxLength most tokens of prompt and continuation; the prompt has fewer
     */
    public Continuing(Prompt prompt, Sampling settings, Set<Integer> endIds, int maxLength) {
        this.prompt = prompt;
        this.settings = settings;
        this.endIds = Set.copyOf(endIds);
        this.maxLength = maxLength;
    }

    /**
     * Draws the next token.
     *
     * @param logits one a token id; read at once, not kept
     * @return its id
     * @throws IllegalStateException where the continuation is over
     */
    public int take(double[] logits) {
        if (isOver()) {
            throw new IllegalStateException("no token must be drawn after the last one, got a call after " + end);
        }
        NextToken next = new NextToken(logits);
        int token = next.draw(settings, prompt.random());
        ids.add(token);
        logProbs.add(next.logProb(token));
        if (endIds.contains(token)) {
            end = Optional.of(Continuation.End.END_TOKEN);
        } else if (ids.size() == settings.maxNewTokens()) {
            end = Optional.of(Continuation.End.MAX_NEW_TOKENS);
        } else if (length() == maxLength) {
            end = Optional.of(Continuation.End.MAX_LENGTH);
        }
        return token;
    }

    /** Number of tokens so far, those of the prompt included. */
    public int length() {
        return prompt.ids().size() + ids.size();
    }

    /** The last token that was drawn, or that of the prompt. */
    public int lastId() {
        return ids.isEmpty() ? prompt.ids().get(prompt.ids().size() - 1) : ids.get(ids.size() - 1);
    }

    /** Whether nothing more is to be drawn. */
    public boolean isOver() {
        return end.isPresent();
    }

    /**
     * The continuation.
     *
     * @throws IllegalStateException where it is not over
     */
    public Continuation finished() {
        return new Continuation(ids, logProbs, end.orElseThrow(
                () -> new IllegalStateException("continuation must be over, got " + ids.size() + " tokens so far")));
    }
}
