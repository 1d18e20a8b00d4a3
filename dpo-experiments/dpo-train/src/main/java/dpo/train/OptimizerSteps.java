package dpo.train;

import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.backend.Restorable;
import dpo.core.loss.Normalizer;
import dpo.core.metric.MetricSet;
import dpo.core.sequence.Preference;
import dpo.data.batch.BatchPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The optimizer steps of a training. Each step computes log-probabilities, loss and gradient of each micro-batch,
 * back-propagates, updates the parameters once, and then a moving reference if it is due.
 */
final class OptimizerSteps implements TrainingSteps {

    private final TrainingSettings settings;
    private final List<Preference> preferences;
    private final Policy policy;
    private final Ranks ranks;
    private final Optional<MovingReference> moving;
    private final Map<String, Double> groupShares;
    private final BatchPlan plan;
    private final SftTerm sft;
    private final Scorer scorer;
    private final Scorer unmoved;
    private final boolean hasOwnReference;
    private final Optimizer optimizer;

    /**
     * @param settings objective, batches, learning rates
     * @param data preferences and SFT sequences
     * @param models policy, and the reference as a model if the objective needs it
     * @param ranks the processes that share the steps
     * @param moving a reference that follows the policy; empty if it is fixed
     * @param hasOwnReference whether the reference is a fixed model other than the policy before its first update
     * @param references gives the log-probabilities of the reference
     */
    OptimizerSteps(
            TrainingSettings settings,
            TrainingData data,
            Models models,
            Ranks ranks,
            Optional<MovingReference> moving,
            boolean hasOwnReference,
            References references) {
        this.settings = settings;
        this.preferences = data.train();
        this.policy = models.policy();
        this.ranks = ranks;
        this.moving = moving;
        this.hasOwnReference = hasOwnReference;
        this.groupShares = Normalizer.sharesOf(preferences);
        this.plan = settings.plan(preferences);
        this.sft = SftTerm.of(settings, data.sft(), plan.steps());
        this.scorer = new Scorer(settings, policy, models.secondModel(), preferences, references);
        // Stored log-probs of the reference come from other micro-batches than those of a step and differ from the
        // policy's by rounding; in the same micro-batch log-ratios are exactly 0.
        References self = some -> (batch, indices) -> policy.logProbs(batch.sequences());
        this.unmoved = moving.isPresent() || hasOwnReference
                ? scorer
                : new Scorer(settings, policy, models.secondModel(), preferences, self);
        this.optimizer = policy.optimizer(settings.optimizer());
    }

    @Override
    public int count() {
        return plan.steps();
    }

    /** Detects a reference that differs from the untrained policy, with the first batch of its log-probs. */
    @Override
    public void begin() {
        if (settings.loss().usesReference() && !hasOwnReference) {
            List<Integer> first = settings.microBatches()
                    .cut(Preference.distinctTokens(preferences))
                    .get(0);
            StepChecks.requireEqual(scorer.batch(first), scorer.score(first));
        }
    }

    @Override
    public StepReport take(int step, Map<String, Double> carried) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        List<Preference> ofStep =
                batches.indices().stream().map(preferences::get).toList();
        Normalizer normalizer = Normalizer.of(ofStep, groupShares).carrying(carried);
        MetricSet metrics = new MetricSet(settings.loss(), settings.metrics());
        Optional<SftTerm.OfStep> sftOfStep = sft.at(step, policy, ranks);
        StepLoss loss = StepGradient.of(settings.loss(), batches.microBatches().size(), ranks)
                .accumulate(
                        step,
                        batches.microBatches(),
                        isBeforeFirstUpdate(step) ? unmoved : scorer,
                        normalizer,
                        metrics,
                        share -> endShare(share, sftOfStep));
        Map<String, Double> measured = metrics.values();
        StepChecks.requireBounds(step, settings.loss(), loss.value(), measured, ofStep);
        sftOfStep.ifPresent(term -> loss.addSft(term.value(), sft.weight()));
        if (ranks.shares() > 1) {
            optimizer.sumGradient(ranks);
        }
        double learningRate = learningRate(step);
        double gradientNorm = optimizer.step(learningRate);
        StepChecks.requireFinite(step, ofStep, "grad_norm", gradientNorm);
        moving.ifPresent(reference -> reference.afterStep(step, policy));
        return new StepReport(
                step,
                batches.epoch(),
                loss.value(),
                loss.terms(),
                loss.carried(),
                gradientNorm,
                learningRate,
                measured,
                tokens(ofStep),
                (System.nanoTime() - begin) / 1e9);
    }

    private void endShare(int share, Optional<SftTerm.OfStep> sftOfStep) {
        sftOfStep.ifPresent(term -> term.accumulate(share));
        if (ranks.ownShares().size() > 1) {
            optimizer.endShare();
        }
    }

    private double learningRate(int step) {
        return settings.learningRate(step, plan.steps());
    }

    /** Whether the policy is unchanged, because all earlier steps had a learning rate of 0. */
    private boolean isBeforeFirstUpdate(int step) {
        return IntStream.range(1, step).allMatch(earlier -> learningRate(earlier) == 0);
    }

    private static long tokens(List<Preference> preferences) {
        return preferences.stream().mapToLong(Preference::tokens).sum();
    }

    @Override
    public Map<String, Restorable> state() {
        Map<String, Restorable> state = new LinkedHashMap<>();
        state.put("policy", policy);
        state.put("optimizer", optimizer);
        moving.ifPresent(reference -> state.put("reference", reference.model()));
        return state;
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
