package dpo.core.backend;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sampling.Continuation;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A language model πθ whose parameters can be trained. Not thread-safe; holds native memory until closed.
 */
public interface Policy extends AutoCloseable {

    /** What a user should know of the model as it was opened, a sentence each; told when a command opens it. */
    default List<String> notices() {
        return List.of();
    }

    /** Number of token ids the model knows: ids are in {@code [0, vocabularySize)}. */
    int vocabularySize();

    /** Longest sequence, in tokens, that the model can score. */
    int maxLength();

    /** Folder of the tokenizer that belongs to the model; empty where the configuration must name one. */
    default Optional<Path> tokenizerFolder() {
        return Optional.empty();
    }

    /**
     * A content address of the model as it was opened: equal for equal architecture, weights and numeric type. With the
     * sequences it names stored reference log-probabilities.
     */
    String fingerprint();

    /**
     * Log-probabilities of the scored tokens under the policy as it is used: without what belongs to training alone, as
     * dropout does, and without keeping what a gradient would need.
     *
     * @return a row a sequence, in the given order, shaped by its turns
     * @throws IllegalArgumentException where an id is outside the vocabulary or a sequence too long
     */
    TokenLogProbs logProbs(List<TokenSequence> sequences);

    /**
     * As {@link #logProbs}, with further numbers of the next-token distributions, which objectives may ask for.
     *
     * @throws IllegalArgumentException where this engine does not compute such a number, or not with such a reference
     */
    default TokenScores scores(List<TokenSequence> sequences, StatisticRequest request) {
        if (request.statistics().isEmpty()) {
            return new TokenScores(logProbs(sequences), Map.of());
        }
        try (ForwardPass pass = forward(sequences, request)) {
            return new TokenScores(pass.logProbs(), pass.statistics());
        }
    }

    /**
     * As {@link #logProbs}, keeping what {@link ForwardPass#backward} needs. Where a policy has dropout, it is drawn
     * here: the same in every pass over the same sequences between two optimizer steps, another one after a step.
     */
    ForwardPass forward(List<TokenSequence> sequences);

    /**
     * As {@link #forward(List)}, with further numbers of the next-token distributions, which objectives may ask for.
     *
     * @throws IllegalArgumentException where this engine does not compute such a number, or not with such a reference
     */
    default ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        if (!request.statistics().isEmpty()) {
            throw new IllegalArgumentException(
                    "statistics must be ones that this engine computes (none), got " + request.statistics());
        }
        return forward(sequences);
    }

    /**
     * Draws a continuation of each prompt from the policy as it stands. Each depends on its own prompt and stream alone,
     * and not on the others, up to the rounding of the engine.
     *
     * @param prompts may be none
     * @param endIds tokens that end a continuation, beside those after which the model knows nothing; may be none
     * @return a continuation a prompt, in the given order
     * @throws IllegalArgumentException where an id is outside the vocabulary, a prompt leaves no position to continue
     *     at, or this engine cannot sample
     */
    default List<Continuation> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        throw new IllegalArgumentException("samples must be asked of an engine that can draw them, got " + settings);
    }

    /** An optimizer of all trainable parameters; at most one at a time. */
    Optimizer optimizer(AdamW settings);

    /**
     * Writes the trained weights into an empty folder, in the exchange format of the engine's world, complete enough to
     * be opened again: as a model, or, where an adapter is trained beside a frozen model, as that adapter.
     */
    void save(Path folder);

    /** Writes the policy into an empty folder as a model of its own; an adapter is merged into its model. */
    default void saveModel(Path folder) {
        save(folder);
    }

    /** Takes over the weights that {@link #save} wrote, bit by bit. */
    void restore(Path folder);

    /**
     * Moves the parameters towards those of another policy of the same engine and architecture:
     * {@code θ ← (1 − share) θ + share θ_other}, as references that follow their policy are (TR-DPO, arXiv:2404.09656).
     *
     * @param share in [0, 1]; 1 copies bit by bit, 0 changes nothing
     * @throws IllegalArgumentException where this engine cannot, or the other policy does not fit
     */
    default void moveTowards(Policy other, double share) {
        throw new IllegalArgumentException("reference must be fixed for this engine, which cannot move one");
    }

    /** Exact quantities of the policy as it stands, where its world is known; empty for a language model. */
    default Optional<ExactEvaluation> exactEvaluation() {
        return Optional.empty();
    }

    @Override
    void close();
}
