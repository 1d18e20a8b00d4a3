package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.sequence.Preference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains a policy on preferences in memory. The policy is updated in place; its initial parameters are the reference,
 * unless another model is given as one.
 *
 * <pre>{@code
 *  Trainer trainer = new Trainer(TrainingSettings.of(new SigmoidLoss(0.1, 0), 1e-5).withEpochs(2));
 *  TrainingResult result = trainer.train(policy, preferences);
 * }</pre>
 *
 * @param settings objective, optimizer, batches
 * @param progress receives the progress of training
 */
public record Trainer(TrainingSettings settings, Progress progress) {

    /** A trainer that prints nothing. */
    public Trainer(TrainingSettings settings) {
        this(settings, Progress.SILENT);
    }

    /** As {@link #train(Policy, Optional, TrainingData)} without held-out preferences. */
    public TrainingResult train(Policy policy, List<Preference> preferences) {
        return train(policy, preferences, List.of());
    }

    /** As {@link #train(Policy, Optional, TrainingData)} for an objective that needs one model. */
    public TrainingResult train(Policy policy, List<Preference> preferences, List<Preference> heldOut) {
        return train(
                policy, Optional.empty(), new TrainingData(preferences, EvaluationSet.unnamed(heldOut), List.of()));
    }

    /**
     * Trains to the last step.
     *
     * @param policy the model, which is updated in place
     * @param secondModel the reference as a model: the same model opened again, if the settings need it, or another
     *     one, which is then the fixed reference
     * @param data training and held-out preferences
     * @throws TrainingFailure if a loss or gradient is not finite
     * @throws IllegalArgumentException if the settings need a second model and none is given, if that is the policy
     *     itself, or if only one of the SFT term and its sequences is given
     */
    public TrainingResult train(Policy policy, Optional<Policy> secondModel, TrainingData data) {
        return train(new Models(policy, secondModel), data);
    }

    /**
     * Trains to the last step, by the method of the settings.
     *
     * @param models the policy, which is updated in place, its reference, and the scalar models of the method
     * @param data training and held-out preferences
     * @throws TrainingFailure if a loss or gradient is not finite
     * @throws IllegalArgumentException as {@link #train(Policy, Optional, TrainingData)}, and if a scalar model is missing
     */
    public TrainingResult train(Models models, TrainingData data) {
        Policy policy = models.policy();
        Optional<Policy> secondModel = models.secondModel();
        if (settings.needsSecondModel() && secondModel.isEmpty()) {
            throw new IllegalArgumentException("second model must be given for a reference that moves, or whose "
                    + "distributions the objective needs, got none");
        }
        if (secondModel.filter(policy::equals).isPresent()) {
            throw new IllegalArgumentException("second model must be the model opened again, got the policy itself");
        }
        if (settings.sft().isPresent() == data.sft().isEmpty()) {
            throw new IllegalArgumentException(
                    "SFT sequences must be given if and only if the settings have an SFT term," + " got "
                            + data.sft().size() + " sequences");
        }
        List<StepReport> steps = new ArrayList<>();
        List<EvaluationReport> evaluations = new ArrayList<>();
        References references = References.of(secondModel.orElse(policy), settings.microBatches());
        try (TrainingLoop loop = new TrainingLoop(settings, data, models, references, progress, () -> false)) {
            loop.run(TrainingPosition.START, Map.of(), new TreeMap<>(), new TrainingListener() {
                @Override
                public void onStep(StepReport step, TrainingPosition reached) {
                    steps.add(step);
                }

                @Override
                public void onEvaluation(EvaluationReport evaluation, TrainingPosition reached) {
                    evaluations.add(evaluation);
                }
            });
        }
        return new TrainingResult(steps, evaluations);
    }
}
