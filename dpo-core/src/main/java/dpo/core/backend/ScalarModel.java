package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import java.nio.file.Path;
import java.util.List;

/**
 * A trainable model that gives one number for each prefix of a completion: a reward model, whose reward of a completion
 * is the number after its last token, or a value function, whose number before a token is the expected return from
 * there. Not thread-safe; holds native memory until closed.
 *
 * <p>A sequence has one turn of T scored tokens, and T + 1 values: value {@code i} depends on the prompt and the first
 * {@code i} tokens of the completion only.
 */
public interface ScalarModel extends Restorable, AutoCloseable {

    /** A content hash of the opened model, as {@link Policy#fingerprint}. */
    String fingerprint();

    /**
     * The values in inference, {@code [sequence][0 … T]}.
     *
     * @throws IllegalArgumentException if an id is outside the vocabulary, or a sequence is too long or has several turns
     */
    double[][] values(List<TokenSequence> sequences);

    /** The values in training; the activations that {@link ScalarPass#backward} needs are saved. */
    ScalarPass forward(List<TokenSequence> sequences);

    /** An optimizer of all trainable parameters; a model has at most one open optimizer. */
    Optimizer optimizer(AdamW settings);

    /** Writes the parameters into an empty folder. */
    @Override
    void save(Path folder);

    /** Loads the parameters that {@link #save} wrote, bit-identically. */
    @Override
    void restore(Path folder);

    @Override
    void close();
}
