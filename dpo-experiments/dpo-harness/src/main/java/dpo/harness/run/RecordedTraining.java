package dpo.harness.run;

import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.RunFolder;
import dpo.train.EvaluationReport;
import dpo.train.Frontier;
import dpo.train.Models;
import dpo.train.Progress;
import dpo.train.References;
import dpo.train.StepReport;
import dpo.train.StopRequested;
import dpo.train.TrainingFailure;
import dpo.train.TrainingListener;
import dpo.train.TrainingLoop;
import dpo.train.TrainingPosition;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a policy and records every step, evaluation and checkpoint in a run folder. It resumes from the folder's
 * newest checkpoint, if any, with the numbers of an uninterrupted run.
 */
public final class RecordedTraining {

    private static final Logger LOG = LoggerFactory.getLogger(RecordedTraining.class);

    private final ExperimentConfig config;
    private final PreparedData data;
    private final Models models;
    private final Ranks ranks;
    private final Policy policy;
    private final RunFolder folder;
    private final ReferenceCache references;
    private final String backendHash;
    private final Progress progress;
    private final BooleanSupplier stopRequested;
    private final OptionalInt pause;
    private volatile boolean paused;

    /**
     * @param config the run
     * @param data its tokens
     * @param models the initial models
     * @param ranks the processes that share the training; rank 0 calls {@link #run}, the others {@link #follow}
     * @param folder the output folder
     * @param references cache of reference log-probabilities
     * @param backendHash hash of the code that computes log-probabilities
     * @param progress receives the progress of the training
     * @param stopRequested polled after every step and during evaluations; if true, training stops with a checkpoint
     * @param pause step after whose evaluation training stops with a checkpoint; empty to train to the end
     */
    public RecordedTraining(
            ExperimentConfig config,
            PreparedData data,
            Models models,
            Ranks ranks,
            RunFolder folder,
            ReferenceCache references,
            String backendHash,
            Progress progress,
            BooleanSupplier stopRequested,
            OptionalInt pause) {
        this.config = config;
        this.data = data;
        this.models = models;
        this.ranks = ranks;
        this.policy = models.policy();
        this.folder = folder;
        this.references = references;
        this.backendHash = backendHash;
        this.progress = progress;
        this.stopRequested = () -> paused || stopRequested.getAsBoolean();
        this.pause = pause;
    }

    /** Whether a run of an identity has an intact checkpoint in a folder. */
    public static boolean canResume(RunFolder folder, Map<String, String> identity) {
        return Checkpoints.canResume(folder, identity);
    }

    /**
     * Trains to the end, or to the step at which a stop is requested.
     *
     * @return the final metrics; empty if stopped before the end
     * @throws TrainingFailure if a loss or gradient is not finite
     */
    public Optional<Map<String, Double>> run() {
        try (TrainingLoop loop = loop()) {
            train(loop);
            return Optional.of(RunResult.of(folder, config.training().best()));
        } catch (StopRequested stop) {
            return Optional.empty();
        }
    }

    /**
     * Takes part in the training of rank 0, from the position at which that resumes, to the last step.
     *
     * @throws TrainingFailure if a loss or gradient is not finite
     */
    public void follow() {
        try (TrainingLoop loop = loop()) {
            int after = (int) ranks.gather(new double[0]).get(0)[0];
            checkpoints(loop).follow(after);
            loop.follow(
                    after,
                    folder.metrics().stream()
                            .filter(step -> step.step() == after)
                            .findFirst()
                            .map(StepReport::carried)
                            .orElse(Map.of()));
        }
    }

    private TrainingLoop loop() {
        References stored = preferences -> references.of(
                ownReference().orElse(policy),
                backendHash,
                preferences,
                config.training().microBatches(),
                ranks,
                progress);
        return new TrainingLoop(
                config.trainingSettings(), data.tokens(), models, ranks, stored, progress, stopRequested);
    }

    private Checkpoints checkpoints(TrainingLoop loop) {
        return new Checkpoints(folder, policy, loop.state(), config.training());
    }

    private void train(TrainingLoop loop) {
        Checkpoints checkpoints = checkpoints(loop);
        CheckpointState state = checkpoints.restore(line -> {
            LOG.warn(line);
            progress.print(line);
        });
        LOG.debug("training begins at {} ({})", state.position(), folder.path());
        if (isPauseAt(state.position().step()) && state.position().evaluated()) {
            throw new StopRequested();
        }
        try (RunLog log =
                        RunLog.after(state, folder, config.training().samples().isPresent());
                Samples samples = new Samples(config, data.tokens().evaluation(), policy, progress, stopRequested)) {
            ranks.gather(new double[] {state.step()});
            loop.run(
                    state.position(),
                    log.carried(),
                    log.evaluations(),
                    new Recorder(log, checkpoints, samples, loop.movingReference()));
            log.requireWhole();
        }
        // Written again in case it was removed during training.
        writeFrontier();
        if (config.training().saveModel()) {
            checkpoints.writeModel(folder.checkpoints().trained());
        }
    }

    /** Writes the reports of a training; records become part of the run when its log is committed. */
    private final class Recorder implements TrainingListener {

        private final RunLog log;
        private final Checkpoints checkpoints;
        private final Samples samples;
        private final Optional<Policy> movingReference;

        Recorder(RunLog log, Checkpoints checkpoints, Samples samples, Optional<Policy> movingReference) {
            this.log = log;
            this.checkpoints = checkpoints;
            this.samples = samples;
            this.movingReference = movingReference;
        }

        @Override
        public void onBegin(TrainingPosition begin) {
            writeFrontier();
            samples.begin(begin.step(), ownReference(), folder, log);
            log.commit();
        }

        @Override
        public void onStep(StepReport step, TrainingPosition reached) {
            log.step(step);
            log.commit();
            config.training()
                    .saveEvery()
                    .filter(every -> step.step() % every == 0)
                    .ifPresent(every -> saveModel(step.step()));
            checkpoints.afterStep(reached, log);
        }

        /** Saves the model of a step and deletes those that are not among the last. */
        private void saveModel(int step) {
            checkpoints.writeModel(folder.checkpoints().ofStep(step));
            config.training().keepLast().ifPresent(most -> {
                List<Path> models = folder.checkpoints().ofSteps();
                models.subList(0, Math.max(0, models.size() - most)).forEach(DurableFiles::delete);
            });
        }

        @Override
        public void onBest(EvaluationReport evaluation) {
            checkpoints.writeModel(folder.checkpoints().best());
        }

        @Override
        public void onEvaluation(EvaluationReport evaluation, TrainingPosition reached) {
            log.evaluation(evaluation);
            if (evaluation.step() > 0) { // samples of step 0 are drawn in any case
                samples.after(evaluation.step(), movingReference, log);
            }
            log.commit();
            paused = isPauseAt(evaluation.step());
        }

        @Override
        public void onStop(TrainingPosition at) {
            checkpoints.write(at, log);
        }
    }

    private boolean isPauseAt(int step) {
        return pause.isPresent() && step >= pause.getAsInt();
    }

    private Optional<Policy> ownReference() {
        return models.secondModel().filter(model -> config.ownReference().isPresent());
    }

    private void writeFrontier() {
        policy.exactEvaluation().ifPresent(world -> folder.writeFrontier(Frontier.points(world)));
    }
}
