package dpo.core.backend;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Runs one kind of language model: opens policies that compute log-probabilities and gradients.
 *
 * <p>Backends are found by {@link java.util.ServiceLoader}: a jar names its implementation in
 * {@code META-INF/services/dpo.core.backend.Backend}. Loading the class must not load a native library;
 * {@link #availability} reports what is missing.
 *
 * <p>Every backend implements {@link #name}, {@link #modelSettings}, {@link #availability}, {@link #diagnostics} and
 * {@link #open}. The other methods have defaults for a backend without a native library, without settings of the whole
 * process and without a memory estimate.
 *
 * @param <M> the settings record of this backend's models: its components are the keys of the configuration's
 *     {@code model:} section
 */
public interface Backend<M extends Record> {

    /** The value of the configuration key {@code backend:} that selects this backend. */
    String name();

    /** The record type of the {@code model:} section. */
    Class<M> modelSettings();

    /**
     * The version of everything outside this backend's class files that affects results, such as a native library. A
     * stored run is computed again if its version differs.
     */
    default String version() {
        return "";
    }

    /** Whether this backend can run on a device ({@code cpu}, {@code cuda}, {@code cuda:1}), and if not, why. */
    Availability availability(String device);

    /** Versions, active settings and measured rates by name, in the order in which {@code dpo doctor} prints them. */
    Map<String, String> diagnostics();

    /**
     * What a run records about libraries and device, by name: versions of native libraries, instructions of the
     * processor, name of a GPU. In contrast to {@link #diagnostics} nothing is measured.
     */
    default Map<String, String> environment() {
        return Map.of();
    }

    /**
     * Classes outside of this backend's package that compute a model, such as a model family of the user's own. Their
     * code is part of the identity of a run, as that of the backend is.
     */
    default Set<Class<?>> code(M model) {
        return Set.of();
    }

    /**
     * Settings of the whole process by name that a model needs while it is open, such as the dtype of matmuls. Policies
     * may be open on several threads at the same time only if their backends and these settings are equal.
     */
    default Map<String, String> processSettings(M model, Execution execution) {
        return Map.of();
    }

    /**
     * Opens a policy. One thread opens, uses and closes it. Other threads may use their own policies at the same time;
     * this must not change their results.
     *
     * @param model architecture and weights
     * @param execution device and threads; a backend never falls back to another device
     * @param seed seed of the run, for weights that are initialised randomly
     * @throws IllegalArgumentException if the model cannot be opened; the message names the problem and the file
     */
    Policy open(M model, Execution execution, long seed);

    /**
     * Whether the files and settings of a model decide everything that a policy tells before it is trained: fingerprint,
     * sizes, tokenizer, notices. A plan then opens it once for all seeds, and not again while the files are unchanged. A
     * model with random or computed weights is not of this kind.
     */
    default boolean isStored(M model) {
        return false;
    }

    /**
     * Opens a reward model or value function: the body of a model with an output of one number instead of logits. All
     * values are 0 before training. The rules of {@link #open} about threads apply.
     *
     * @throws IllegalArgumentException if the model cannot be opened, or this backend has no scalar models
     */
    default ScalarModel openScalar(M model, Execution execution, long seed) {
        throw new IllegalArgumentException("backend must have scalar models, got " + name());
    }

    /**
     * Joins the processes of this machine that train one model together. They meet at the first call of
     * {@link Ranks#gather}, which waits for all of them; before, nothing happens. The optimizers of such a backend sum
     * gradients, also those of shares that one process computes in turn ({@link Optimizer#endShare}).
     *
     * @param device of this process
     * @param rank number of this process
     * @param count number of processes, at least 2
     * @param meeting a file that does not exist, the same for all processes, in a folder that they can write
     * @param beforeMeeting called once, before this process waits for the others
     * @throws IllegalArgumentException if this backend trains a model in one process only
     */
    default Ranks join(String device, int rank, int count, Path meeting, Runnable beforeMeeting) {
        throw new IllegalArgumentException("ranks must be 1 with the backend " + name() + ", got " + count);
    }

    /**
     * Samples training data for a model whose data have a known distribution; empty for a language model, which needs
     * text.
     */
    default Optional<PreferenceSampler> sampler(M model) {
        return Optional.empty();
    }

    /**
     * An upper estimate of the device memory of a policy at the peak of a run, without opening the model. Empty if the
     * backend has no estimate or needs little memory; the memory check is then skipped.
     *
     * @throws IllegalArgumentException if the model cannot be read; the message names the problem and the file
     */
    default Optional<MemoryEstimate> memory(M model, Workload workload) {
        return Optional.empty();
    }

    /**
     * Free bytes of a device that has its own memory, such as a GPU; empty if there is no such device or the amount is
     * unknown.
     */
    default OptionalLong freeMemory(String device) {
        return OptionalLong.empty();
    }

    /**
     * Variants of a model that need less memory in training. Each changes one setting and is named by that setting as
     * written in the {@code model:} section. Variants with unchanged results come first.
     */
    default Map<String, M> memorySavingAlternatives(M model) {
        return Map.of();
    }
}
