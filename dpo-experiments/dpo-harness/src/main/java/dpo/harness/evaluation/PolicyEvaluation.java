package dpo.harness.evaluation;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.harness.config.Backends;
import dpo.harness.config.EvaluationSources;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ReferenceConfig;
import dpo.harness.run.DataPreparation;
import dpo.harness.run.PreparedData;
import dpo.harness.run.UsableData;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.SameTokens;
import dpo.train.EvaluationSet;
import dpo.train.Frontier;
import dpo.train.Progress;
import dpo.train.References;
import dpo.train.ScoredSet;
import dpo.train.TrainingSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Scores evaluation sets under a policy and its reference, in the micro-batches of the policy's settings, as an
 * evaluation during training does. Objectives with equal needs share one pass over the data.
 */
public final class PolicyEvaluation {

    private final Backends backends;
    private final EvaluatedPolicy evaluated;
    private final Optional<ExperimentConfig> reference;
    private final List<NamedObjective> objectives;

    /**
     * @param evaluated the policy and its data
     * @param reference opens the reference; empty without one
     * @param objectives at least one
     * @throws InvalidInputException if an objective needs a reference and there is none
     */
    public PolicyEvaluation(
            Backends backends,
            EvaluatedPolicy evaluated,
            Optional<ExperimentConfig> reference,
            List<NamedObjective> objectives) {
        this.backends = backends;
        this.evaluated = evaluated;
        this.objectives = List.copyOf(objectives);
        for (NamedObjective objective : objectives) {
            if (objective.loss().usesReference() && reference.isEmpty()) {
                throw new InvalidInputException(
                        "--reference must be given for an objective with a reference, got none (" + objective.name()
                                + ")");
            }
        }
        this.reference = reference;
    }

    /**
     * The scored sets under one objective.
     *
     * @param carried state of the objective, if it is the run's own
     * @param sets in the order of the data
     */
    public record Scored(NamedObjective objective, Map<String, Double> carried, List<ScoredSet> sets) {}

    /**
     * The result.
     *
     * @param scored one per objective, in their order
     * @param provenance of each part of the data
     * @param world exact reward and divergence in a controlled world; empty for a language model
     */
    public record Result(List<Scored> scored, Map<String, Map<String, String>> provenance, Map<String, Double> world) {

        /** For each set that was read from a file, by name, the numbers of preferences read, used and dropped. */
        public Map<String, Map<String, Long>> counts() {
            Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
            for (ScoredSet set :
                    scored.isEmpty() ? List.<ScoredSet>of() : scored.get(0).sets()) {
                String name = set.set().name();
                Map<String, String> origin = provenance.getOrDefault(EvaluationSources.part(name), Map.of());
                if (origin.containsKey("read")) {
                    long read = number(origin, "read") - number(origin, "skipped");
                    long used = number(origin, "tokenized");
                    Map<String, Long> ofSet = new LinkedHashMap<>();
                    ofSet.put("read", read);
                    ofSet.put("used", used);
                    ofSet.put("dropped", read - used);
                    counts.put(name, ofSet);
                }
            }
            return counts;
        }

        private static long number(Map<String, String> origin, String key) {
            return Long.parseLong(origin.getOrDefault(key, "0"));
        }
    }

    /** What a reader of the numbers must know, one sentence each. */
    public List<String> notices() {
        List<String> notices = new ArrayList<>();
        boolean moved =
                evaluated.config().reference().flatMap(ReferenceConfig::updates).isPresent();
        if (moved && reference.filter(evaluated.config()::equals).isPresent()) {
            notices.add("the reference of the run followed the policy; here it is the model before training");
        }
        if (reference.isEmpty()) {
            notices.add("no reference: metrics of the policy alone; --reference adds log-ratios and divergence");
        }
        return notices;
    }

    /**
     * Scores all sets.
     *
     * @throws InvalidInputException if data, models and objectives do not fit together
     * @throws dpo.train.StopRequested if a stop was requested
     */
    public Result run(Progress progress, BooleanSupplier stopRequested) {
        Planner planner = new Planner(backends);
        try (Policy policy = planner.open(evaluated.config());
                Opened opened = new Opened(reference.map(planner::open))) {
            policy.notices().forEach(progress::print);
            evaluated.weights().ifPresent(policy::restore);
            PreparedData data = new DataPreparation(backends)
                    .evaluation(evaluated.config(), policy.tokenizerFolder(), policy.vocabularySize());
            requireFits(data, policy, opened.model());
            return new Result(
                    scored(data.tokens().evaluation(), policy, opened.model(), progress, stopRequested),
                    data.provenance(),
                    policy.exactEvaluation()
                            .map(world -> Frontier.metrics(
                                    world, evaluated.config().trainingSettings().beta()))
                            .orElse(Map.of()));
        }
    }

    /** A reference that is closed at the end. */
    private record Opened(Optional<Policy> model) implements AutoCloseable {

        @Override
        public void close() {
            model.ifPresent(Policy::close);
        }
    }

    private void requireFits(PreparedData data, Policy policy, Optional<Policy> model) {
        if (data.tokens().evaluation().isEmpty() && policy.exactEvaluation().isEmpty()) {
            throw new InvalidInputException("--data must be given for a run without data.evaluation, got none");
        }
        Planner.requireLengths(data.tokens(), policy.maxLength());
        model.ifPresent(other -> {
            SameTokens.require(
                    policy.vocabularySize(), policy.tokenizerFolder(), other.vocabularySize(), other.tokenizerFolder());
            Planner.requireLengths(data.tokens(), other.maxLength());
        });
        objectives.forEach(objective -> UsableData.require(objective.loss(), data.tokens()));
    }

    private List<Scored> scored(
            List<EvaluationSet> sets,
            Policy policy,
            Optional<Policy> model,
            Progress progress,
            BooleanSupplier stopRequested) {
        Map<Set<Need>, List<ScoredSet>> passes = new LinkedHashMap<>();
        List<Scored> scored = new ArrayList<>();
        TrainingSettings settings = evaluated.config().trainingSettings();
        References references = References.of(model.orElse(policy), settings.microBatches());
        for (NamedObjective objective : objectives) {
            List<ScoredSet> pass = passes.computeIfAbsent(extra(objective.loss()), needs -> sets.stream()
                    .map(set -> ScoredSet.of(
                            set,
                            settings.with(scoring(objective.loss(), needs)),
                            policy,
                            model,
                            references,
                            progress,
                            stopRequested))
                    .toList());
            boolean isOwn =
                    objective.loss().equals(evaluated.config().objective().loss());
            scored.add(new Scored(objective, isOwn ? evaluated.carried() : Map.of(), pass));
        }
        return scored;
    }

    /** What an objective needs beyond log-probabilities of policy and reference. */
    private static Set<Need> extra(PreferenceLoss loss) {
        return loss.needs().stream()
                .filter(need -> need == Need.MISMATCHED || need.statistic().isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** An objective for which a pass is scored: one with a reference if there is one, since KL is measured too. */
    private PreferenceLoss scoring(PreferenceLoss loss, Set<Need> needs) {
        return needs.isEmpty() && reference.isPresent() ? new SigmoidLoss(0.1, 0) : loss;
    }
}
