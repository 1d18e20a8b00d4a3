package dpo.core.backend;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An engine that runs language models.
 *
 * <p>Found by {@link java.util.ServiceLoader}: a jar names its implementation in
 * {@code META-INF/services/dpo.core.backend.Backend}. Loading the class must need no native library; what is missing is
 * told by {@link #availability}.
 *
 * @param <M> the settings record of this engine's models: its components are the keys of the configuration's
 *     {@code model:} section
 */
public interface Backend<M extends Record> {

    /** The name by which a configuration's {@code backend:} selects this engine. */
    String name();

    /** The record type of the {@code model:} section. */
    Class<M> modelSettings();

    /**
     * What has a say in the numbers and is not in this engine's class files: the version of its native library. A run is
     * computed again where it is another.
     */
    default String version() {
        return "";
    }

    /** Whether this engine can run on a device ({@code cpu}, {@code cuda}, {@code cuda:1}), and if not, why. */
    Availability availability(String device);

    /** Versions, settings in force and measured rates, for {@code dpo doctor}; in the order to be shown. */
    Map<String, String> facts();

    /**
     * The settings of the whole process that a model asks for where it is executed. Only policies for which these are
     * equal may be open at the same time on several threads.
     */
    default Object processSettings(M model, Execution execution) {
        return List.of();
    }

    /**
     * Opens a policy. The thread that opens it is the one that uses and closes it; other threads may be at work with
     * policies of their own meanwhile, whose numbers this must not change.
     *
     * @param model which model, with which weights
     * @param execution device and threads; never another device than asked for
     * @param seed seed of the run, for weights that are made and not read
     * @throws IllegalArgumentException where the model cannot be opened: what is wrong, and in which file
     */
    Policy open(M model, Execution execution, long seed);

    /**
     * The memory of a policy on its device at the peak of a run, told without opening the model; rather too much than
     * too little. Empty where the engine has no estimate, or its memory does not matter.
     *
     * @throws IllegalArgumentException where the model cannot be read: what is wrong, and in which file
     */
    default Optional<MemoryEstimate> memory(M model, Workload workload) {
        return Optional.empty();
    }

    /**
     * Bytes of a device's own memory that are free, for devices beside the machine's processors; empty where there is no
     * such device or it does not tell.
     */
    default OptionalLong freeMemory(String device) {
        return OptionalLong.empty();
    }

    /**
     * Models that need less memory in training, each with one setting changed, by that setting as the {@code model:}
     * section has it; those that leave the results as they are come first.
     */
    default Map<String, M> lighter(M model) {
        return Map.of();
    }
}
