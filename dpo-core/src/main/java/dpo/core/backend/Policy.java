package dpo.core.backend;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
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
public interface Policy extends Restorable, AutoCloseable {

    /**
     * Messages for the user about the opened model, one sentence each; a command prints them when it opens the model.
     */
    default List<String> notices() {
        return List.of();
    }

    /** Number of token ids of the model: ids are in {@code [0, vocabularySize)}. */
    int vocabularySize();

    /** Maximum length, in tokens, of a sequence that the model can score. */
    int maxLength();

    /** Folder of the tokenizer that belongs to the model; empty if the configuration must name one. */
    default Optional<Path> tokenizerFolder() {
        return Optional.empty();
    }

    /**
     * A content hash of the opened model: equal for equal architecture, weights and dtype. Together with the sequences
     * it is the key of stored reference log-probabilities.
     */
    String fingerprint();

    /**
     * A short checksum of each tensor by name, so that two models with different fingerprints can be compared; empty if
     * this backend has none.
     */
    default Map<String, String> checksums() {
        return Map.of();
    }

    /**
     * Log-probabilities of the scored tokens in inference: without dropout and without saved activations.
     *
     * @return one row per sequence, in the given order, in the shape of its turns
     * @throws IllegalArgumentException if an id is outside the vocabulary or a sequence is too long
     */
    TokenLogProbs logProbs(List<TokenSequence> sequences);

    /**
     * {@link #logProbs} and the requested statistics of the next-token distributions.
     *
     * @throws IllegalArgumentException if this backend does not compute a statistic, or does not support the reference
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
     * Log-probabilities of the scored tokens in training; the activations that {@link ForwardPass#backward} needs are
     * saved. Dropout is applied. Its mask is the same in every pass over the same sequences between two optimizer
     * steps, and changes after a step.
     */
    ForwardPass forward(List<TokenSequence> sequences);

    /**
     * {@link #forward(List)} with the requested statistics of the next-token distributions.
     *
     * @throws IllegalArgumentException if this backend does not compute a statistic, or does not support the reference
     */
    default ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        if (!request.statistics().isEmpty()) {
            throw new IllegalArgumentException(
                    "statistics must be ones that this backend computes (none), got " + request.statistics());
        }
        return forward(sequences);
    }

    /**
     * Samples a completion of each prompt. A completion depends only on its own prompt and random stream, not on the
     * other prompts, up to rounding.
     *
     * @param prompts may be empty
     * @param endIds tokens that end a completion, in addition to those that always end one in this model; may be empty
     * @return one completion per prompt, in the given order
     * @throws IllegalArgumentException if an id is outside the vocabulary, if a prompt leaves no position for a
     *     completion, or if this backend cannot sample
     */
    default List<SampledCompletion> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        throw new IllegalArgumentException("backend must support sampling, got one that does not, for " + settings);
    }

    /** An optimizer of all trainable parameters; a policy has at most one open optimizer. */
    Optimizer optimizer(AdamW settings);

    /**
     * Writes the trained weights into an empty folder, in the usual file format of such models. The folder can be
     * opened again, as a model or, if an adapter is trained, as an adapter.
     */
    @Override
    void save(Path folder);

    /** Writes the policy into an empty folder as a complete model; an adapter is merged into its model. */
    default void saveModel(Path folder) {
        save(folder);
    }

    /** Loads the weights that {@link #save} wrote, bit-identically. */
    @Override
    void restore(Path folder);

    /**
     * Moves the parameters towards those of another policy of the same backend and architecture: {@code θ ← (1 − share)
     * θ + share θ_other}, the reference update of TR-DPO (arXiv:2404.09656).
     *
     * @param share in [0, 1]; 1 copies bit-identically, 0 changes nothing
     * @throws IllegalArgumentException if this backend does not support it, or the other policy has another
     *     architecture
     */
    default void moveTowards(Policy other, double share) {
        throw new IllegalArgumentException("reference must be fixed, because this backend cannot move it");
    }

    /** Exact expected reward and divergence if the policy belongs to a controlled world; empty for a language model. */
    default Optional<ExactEvaluation> exactEvaluation() {
        return Optional.empty();
    }

    /**
     * The reward that the pairs of a controlled world are labelled with; empty for a language model, whose data have no
     * known reward.
     */
    default Optional<RewardFunction> trueReward() {
        return Optional.empty();
    }

    /**
     * Samples pairs of completions of the reference of a controlled world, labelled by its true reward; empty if it has
     * none, or if scoring thousands of them takes much time.
     */
    default Optional<PreferenceSampler> worldPairs() {
        return Optional.empty();
    }

    /** Two-stage RLHF without sampling, if its optimum can be computed exactly; empty for a language model. */
    default Optional<ExactRlhf> exactRlhf() {
        return Optional.empty();
    }

    @Override
    void close();
}
