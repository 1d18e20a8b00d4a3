package dpo.harness.sweep;

import dpo.core.loss.composed.TurnWeights;
import dpo.core.sequence.Preference;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ReferenceConfig;
import dpo.harness.config.TrainingConfig;
import dpo.train.BestEvaluation;
import dpo.train.LearningRateSchedule;
import dpo.train.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds settings that have no or only a partial effect, given the number of steps and turns. Such a run is well defined
 * and may be intended as a trial on few pairs, so they are printed before the run and recorded in {@code run.json}.
 */
final class IneffectiveSettings {

    private final ExperimentConfig config;
    private final TrainingData data;
    private final long steps;
    private final List<String> sentences = new ArrayList<>();

    private IneffectiveSettings(ExperimentConfig config, TrainingData data) {
        this.config = config;
        this.data = data;
        this.steps = steps(config, data);
    }

    /** Number of optimizer steps of a run. */
    static long steps(ExperimentConfig config, TrainingData data) {
        return config.trainingSettings().stepCount(data.train().size());
    }

    /** One sentence per setting that has no or only a partial effect. */
    static List<String> of(ExperimentConfig config, TrainingData data) {
        IneffectiveSettings found = new IneffectiveSettings(config, data);
        found.schedule(config.schedule());
        found.training(config.training());
        config.reference()
                .flatMap(ReferenceConfig::updates)
                .ifPresent(moving ->
                        found.later("reference.sync_steps", moving.syncSteps(), "the reference is never updated"));
        if (config.objective().turns() instanceof TurnWeights.Own own) {
            found.turns(own.weights().size());
        }
        return List.copyOf(found.sentences);
    }

    private void schedule(LearningRateSchedule schedule) {
        if (schedule.warmupSteps() >= steps) {
            add("schedule.warmup_steps " + schedule.warmupSteps() + " is not below the " + steps
                    + " steps of the run: the learning rate never reaches its peak");
        }
    }

    private void training(TrainingConfig training) {
        if (training.batchSize() > data.train().size()) {
            add("training.batch_size " + training.batchSize() + " is above the "
                    + data.train().size() + " training preferences: each step takes all of them");
        }
        // The controlled world is evaluated exactly, without examples.
        boolean isOfText = config.data().train().match(text -> true, world -> false);
        boolean evaluatesNothing = isOfText && config.data().evaluation().isEmpty();
        if (training.evaluateAtStart() && evaluatesNothing) {
            add("training.evaluate_at_start has no effect without data.evaluation");
        }
        if (training.evaluateEvery().isPresent() && evaluatesNothing) {
            add("training.evaluate_every has no effect without data.evaluation");
        } else {
            training.evaluateEvery()
                    .ifPresent(every -> later("training.evaluate_every", every, "the only evaluation is the last"));
        }
        training.saveEvery().ifPresent(every -> saving(every, training.keepLast()));
        training.best().flatMap(BestEvaluation::patience).ifPresent(patience -> patience(patience, training));
    }

    private void saving(int every, Optional<Integer> keepLast) {
        later("training.save_every", every, "no model is saved before the end");
        keepLast.filter(most -> most >= steps / every)
                .ifPresent(most -> add("training.keep_last " + most + " is not below the " + steps / every
                        + " models that training.save_every saves: all are kept"));
    }

    /** A stop after the last evaluation is none, and the first one has no earlier one to improve on. */
    private void patience(int patience, TrainingConfig training) {
        int every = training.evaluateEvery().orElseThrow();
        long evaluations = steps / every + (steps % every == 0 ? 0 : 1) + (training.evaluateAtStart() ? 1 : 0);
        if (patience >= evaluations - 1) {
            add("training.best.patience " + patience + " is too large for the " + evaluations
                    + " evaluations of the run: it never stops early");
        }
    }

    private void later(String key, int every, String consequence) {
        if (every > steps) {
            add(key + " " + every + " is above the " + steps + " steps of the run: " + consequence);
        }
    }

    private void turns(int weights) {
        int turns = data.preferences()
                .map(Preference::completions)
                .flatMap(List::stream)
                .mapToInt(sequence -> sequence.turns().size())
                .max()
                .orElse(0);
        if (weights > turns) {
            add("objective.turns.weights has " + weights + " weights, but the data have at most " + turns
                    + " turns: those from the " + (turns + 1) + "th on have no effect");
        }
    }

    private void add(String sentence) {
        sentences.add(sentence);
    }
}
