package dpo.harness.memory;

import dpo.core.backend.MemoryEstimate;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.TrainingConfig;
import dpo.train.TrainingData;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings and data of a run on which its memory depends.
 *
 * @param config its settings
 * @param data its tokens
 * @param maxLength length in tokens to which sequences are truncated
 */
record CellMemory(ExperimentConfig config, TrainingData data, int maxLength) {

    /** A run on its data. */
    static CellMemory of(ExperimentConfig config, TrainingData data) {
        return new CellMemory(config, data, Integer.MAX_VALUE);
    }

    /** A run whose data are not known yet. */
    static CellMemory withoutData(ExperimentConfig config) {
        return of(config, new TrainingData(List.of(), List.of(), List.of()));
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
                config.trainingSettings().needsSecondModel(),
                maxLength,
                new Same(data.train()),
                new Same(data.evaluation()),
                new Same(data.sft()));
    }

    /** The estimated memory; empty if the backend has no estimate. */
    Optional<MemoryEstimate> memory(Backends backends) {
        return BackendModel.of(backends, config).memory(Workloads.of(config, cut()));
    }

    /** This run with model settings that need less memory, by setting. */
    Map<String, CellMemory> memorySavingAlternatives(Backends backends) {
        Map<String, CellMemory> cells = new LinkedHashMap<>();
        BackendModel.of(backends, config)
                .memorySavingAlternatives()
                .forEach((setting, model) ->
                        cells.put("model." + setting, new CellMemory(config.with(model), data, maxLength)));
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
                ? new CellMemory(config.with(config.training().withMicroBatch(most)), data, maxLength)
                : this;
    }

    /** The length of the longest sequence, in tokens. */
    int longest() {
        return Math.min(
                maxLength, sequences().mapToInt(TokenSequence::length).max().orElse(0));
    }

    private Stream<TokenSequence> sequences() {
        Stream<Preference> preferences = Stream.concat(data.train().stream(), data.evaluation().stream());
        return Stream.concat(preferences.flatMap(each -> each.completions().stream()), data.sft().stream());
    }

    /** This run with its sequences truncated to a length. */
    CellMemory withMaxLength(int tokens) {
        return new CellMemory(config, data, Math.min(maxLength, tokens));
    }

    private TrainingData cut() {
        return maxLength == Integer.MAX_VALUE
                ? data
                : new TrainingData(
                        data.train().stream().map(this::cut).toList(),
                        data.evaluation().stream().map(this::cut).toList(),
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
