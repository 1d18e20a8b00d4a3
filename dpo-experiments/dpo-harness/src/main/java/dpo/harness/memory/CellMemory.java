package dpo.harness.memory;

import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.Workload;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ReferenceModel;
import dpo.harness.config.TrainingConfig;
import dpo.train.EvaluationSet;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The settings and data of a run on which its memory depends.
 *
 * @param config its settings
 * @param data its tokens
 * @param maxLength length in tokens to which sequences are truncated
 * @param positions largest length of a sequence of the model
 */
record CellMemory(ExperimentConfig config, TrainingData data, int maxLength, int positions) {

    private static final String REFERENCE = "reference";
    private static final Set<String> OF_TRAINED_MODEL =
            Set.of("weights", "rounded copies", "adapter", "gradients", "moments");
    private static final Set<String> OF_WEIGHTS = Set.of("weights", "rounded copies", "adapter");
    private static final List<String> OF_PASSES = List.of("activations", "workspace", "fragmentation");

    /** A run on its data. */
    static CellMemory of(ExperimentConfig config, TrainingData data, int positions) {
        return new CellMemory(config, data, Integer.MAX_VALUE, positions);
    }

    /** A run whose data are not known yet. */
    static CellMemory withoutData(ExperimentConfig config) {
        return of(config, new TrainingData(List.of(), List.of(), List.of()), Integer.MAX_VALUE);
    }

    /** Compares by object identity. */
    private record Same(Object object) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Same same && same.object == object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }
    }

    /** Everything that the memory depends on; many cells of a sweep share it. */
    Object key() {
        return List.of(
                config.backend(),
                config.device(),
                config.model(),
                config.training(),
                config.seed(),
                config.needsReferenceModel(),
                config.ownReference(),
                config.method(),
                maxLength,
                positions,
                new Same(data.train()),
                data.evaluation().stream()
                        .map(set -> new Same(set.preferences()))
                        .toList(),
                new Same(data.sft()));
    }

    /** The estimated memory; empty if the backend has no estimate. */
    Optional<MemoryEstimate> memory(Backends backends) {
        Workload workload = Workloads.of(config, cut(), positions);
        Optional<MemoryEstimate> reference = ReferenceModel.of(config, backends)
                .flatMap(other -> BackendModel.of(backends, other).memory(inference(workload)));
        return BackendModel.of(backends, config).memory(workload).map(policy -> {
            List<MemoryEstimate> all = new ArrayList<>(List.of(policy));
            reference.ifPresent(other -> all.add(asReference(other, policy)));
            config.method()
                    .map(TrainingMethod::scalarModels)
                    .orElse(List.of())
                    .forEach(name -> all.add(asScalarModel(name, policy)));
            return MemoryEstimate.together(all);
        });
    }

    /** What a scalar model of the policy's body keeps in memory; its passes take turns with the policy's. */
    private static MemoryEstimate asScalarModel(String name, MemoryEstimate policy) {
        return new MemoryEstimate(policy.components().stream()
                .filter(part -> OF_TRAINED_MODEL.contains(part.name()))
                .map(part -> new MemoryEstimate.Component(name + " model", part.bytes(), part.shared()))
                .toList());
    }

    /** The passes of a reference of its own: no gradient, and no sequences of training. */
    private static Workload inference(Workload workload) {
        return new Workload(workload.device(), 0, List.of(), workload.scored(), false, false);
    }

    /** The weights of a reference, and what its passes, which come before training, need beyond those of the policy. */
    private static MemoryEstimate asReference(MemoryEstimate reference, MemoryEstimate policy) {
        Stream<MemoryEstimate.Component> weights = reference.components().stream()
                .filter(part -> OF_WEIGHTS.contains(part.name()))
                .map(part -> new MemoryEstimate.Component(REFERENCE, part.bytes(), part.shared()));
        long beyond = Math.max(0, ofPasses(reference) - ofPasses(policy));
        return new MemoryEstimate(
                Stream.concat(weights, Stream.of(MemoryEstimate.Component.own(REFERENCE, beyond)))
                        .toList(),
                reference.error());
    }

    private static long ofPasses(MemoryEstimate estimate) {
        return OF_PASSES.stream()
                .mapToLong(name -> estimate.byName().getOrDefault(name, 0L))
                .sum();
    }

    /** This run with model settings that need less memory, by setting. */
    Map<String, CellMemory> memorySavingAlternatives(Backends backends) {
        Map<String, CellMemory> cells = new LinkedHashMap<>();
        BackendModel.of(backends, config)
                .memorySavingAlternatives()
                .forEach((setting, model) ->
                        cells.put("model." + setting, new CellMemory(config.with(model), data, maxLength, positions)));
        return cells;
    }

    /** The size of a micro-batch: in tokens if those are the unit, else in examples. */
    int microBatch() {
        TrainingConfig training = config.training();
        return data.train().isEmpty()
                ? 1
                : training.microBatchTokens().orElse(training.microBatchSize().orElse(training.batchSize()));
    }

    /** This run with smaller micro-batches. */
    CellMemory withMicroBatch(int most) {
        return most < microBatch()
                ? new CellMemory(config.with(config.training().withMicroBatch(most)), data, maxLength, positions)
                : this;
    }

    /** The length of the longest sequence, in tokens. */
    int longest() {
        return Math.min(
                maxLength, sequences().mapToInt(TokenSequence::length).max().orElse(0));
    }

    private Stream<TokenSequence> sequences() {
        return Stream.concat(data.preferences().flatMap(each -> each.completions().stream()), data.sft().stream());
    }

    /** This run with its sequences truncated to a length. */
    CellMemory withMaxLength(int tokens) {
        return new CellMemory(config, data, Math.min(maxLength, tokens), positions);
    }

    private TrainingData cut() {
        return maxLength == Integer.MAX_VALUE
                ? data
                : new TrainingData(
                        data.train().stream().map(this::cut).toList(),
                        data.evaluation().stream()
                                .map(set -> new EvaluationSet(
                                        set.name(),
                                        set.preferences().stream()
                                                .map(this::cut)
                                                .toList()))
                                .toList(),
                        data.sft().stream().map(this::cut).toList());
    }

    private Preference cut(Preference preference) {
        return new Preference(
                preference.id(),
                preference.completions().stream().map(this::cut).toList(),
                preference.label());
    }

    /** The beginning of a sequence; if it contains no turn, all its tokens are scored. */
    private TokenSequence cut(TokenSequence sequence) {
        if (sequence.length() <= maxLength) {
            return sequence;
        }
        List<TokenSequence.Span> turns = sequence.turns().stream()
                .filter(turn -> turn.start() < maxLength)
                .map(turn -> new TokenSequence.Span(turn.start(), Math.min(turn.end(), maxLength)))
                .toList();
        return new TokenSequence(
                Arrays.copyOf(sequence.ids(), maxLength),
                turns.isEmpty() ? List.of(new TokenSequence.Span(1, maxLength)) : turns);
    }
}
