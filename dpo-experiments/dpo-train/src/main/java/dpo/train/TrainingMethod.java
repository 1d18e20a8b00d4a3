package dpo.train;

import dpo.core.sequence.Preference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * How a training updates its policy: on the preferences themselves, or through a reward. An implementation is a record
 * whose components are its settings.
 */
public interface TrainingMethod {

    /** Names of the scalar models that the method trains; each is opened once. */
    default List<String> scalarModels() {
        return List.of();
    }

    /** Whether the method needs the reference as a model, to score completions that are sampled during training. */
    default boolean needsReferenceModel() {
        return true;
    }

    /** What a step samples; empty if the method samples nothing. */
    default Optional<StepSamples> samples() {
        return Optional.empty();
    }

    /**
     * The tokens of the sequences of all steps, as {@link StepReport#tokens} counts them. Sampled completions count as if
     * they had the largest length.
     *
     * @param settings of the training
     * @param preferences training preferences, at least one
     * @param maxLength largest length of a sequence of the model
     */
    default long mostTokens(TrainingSettings settings, List<Preference> preferences, int maxLength) {
        return settings.tokensOver(preferences, preference -> samples()
                .map(samples -> samples.mostTokens(preference, maxLength))
                .orElseGet(() -> (long) preference.tokens()));
    }

    /**
     * β of {@code J_β(π) = E[r] − β KL(π‖π_ref)}, which the method maximises; by default that of the objective.
     *
     * @return empty if it has none
     */
    default OptionalDouble beta(TrainingSettings settings) {
        return settings.betaOfObjective();
    }

    /**
     * The number of steps of a training.
     *
     * @param settings of the training
     * @param preferences number of training preferences, at least 1
     */
    int stepCount(TrainingSettings settings, int preferences);

    /**
     * The steps of a training.
     *
     * @param settings batches, optimizer, seed
     * @param data preferences
     * @param models the models, with their initial parameters
     * @param onPreferences makes the steps of a training on the preferences themselves
     * @throws InvalidInputException if a model does not suit the method
     */
    TrainingSteps steps(
            TrainingSettings settings, TrainingData data, Models models, Supplier<TrainingSteps> onPreferences);
}
