package dpo.experiments.memory;

import dpo.core.backend.Backend;
import dpo.core.backend.MemoryEstimate;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.experiments.config.Backends;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.train.TrainingData;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run as far as its memory depends on it.
 *
 * @param config its settings
 * @param data its tokens
 */
record Cell(ExperimentConfig config, TrainingData data) {

    /** A run of whose data nothing is known yet. */
    static Cell withoutData(ExperimentConfig config) {
        return new Cell(config, new TrainingData(List.of(), List.of(), List.of(), Map.of(), Map.of()));
    }

    /** Its memory; empty where the engine does not tell. */
    Optional<MemoryEstimate> memory(Backends backends) {
        return memory(backends.find(config.backend()).orElseThrow());
    }

    private <M extends Record> Optional<MemoryEstimate> memory(Backend<M> backend) {
        return backend.memory(backend.modelSettings().cast(config.model()), Workloads.of(config, data));
    }

    /** The run with models that need less, by the setting that tells them. */
    Map<String, Cell> lighter(Backends backends) {
        return lighter(backends.find(config.backend()).orElseThrow());
    }

    private <M extends Record> Map<String, Cell> lighter(Backend<M> backend) {
        Map<String, Cell> cells = new LinkedHashMap<>();
        backend.lighter(backend.modelSettings().cast(config.model()))
                .forEach((setting, model) -> cells.put("model." + setting, new Cell(config.with(model), data)));
        return cells;
    }

    /** The greatest number that makes a micro-batch: of tokens where those are counted, else of examples. */
    int microBatch() {
        return data.train().isEmpty() ? 1 : config.training().microBatchTokens().orElseGet(() -> config.training().microBatchSize()
                .orElse(config.training().batchSize()));
    }

    /** The run with smaller micro-batches. */
    Cell withMicroBatch(int most) {
        return most < microBatch() ? new Cell(config.with(config.training().withMicroBatch(most)), data) : this;
    }

    /** Tokens of its longest sequence. */
    int longest() {
        return sequences().mapToInt(TokenSequence::length).max().orElse(0);
    }

    private Stream<TokenSequence> sequences() {
        Stream<Preference> preferences = Stream.concat(data.train().stream(), data.evaluation().stream());
        return Stream.concat(preferences.flatMap(each -> each.completions().stream()), data.sft().stream());
    }

    /** The run with the beginnings of its sequences alone, all of them scored where none of their turns is left. */
    Cell withMaxLength(int tokens) {
        TrainingData cut = new TrainingData(
                data.train().stream().map(preference -> cut(preference, tokens)).toList(),
                data.evaluation().stream().map(preference -> cut(preference, tokens)).toList(),
                data.sft().stream().map(sequence -> cut(sequence, tokens)).toList(),
                data.provenance(),
                data.sources());
        return new Cell(config, cut);
    }

    private static Preference cut(Preference preference, int tokens) {
        return new Preference(
                preference.id(),
                preference.completions().stream().map(sequence -> cut(sequence, tokens)).toList(),
                preference.judgement());
    }

    private static TokenSequence cut(TokenSequence sequence, int tokens) {
        if (sequence.length() <= tokens) {
            return sequence;
        }
        int[] ids = Arrays.copyOf(sequence.ids(), tokens);
        List<TokenSequence.Span> turns = sequence.turns().stream()
                .filter(turn -> turn.start() < tokens)
                .map(turn -> new TokenSequence.Span(turn.start(), Math.min(turn.end(), tokens)))
                .toList();
        return new TokenSequence(ids, turns.isEmpty() ? List.of(new TokenSequence.Span(1, tokens)) : turns);
    }
}
