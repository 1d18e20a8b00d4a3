package dpo.harness.memory;

import dpo.core.backend.Workload;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import dpo.data.batch.MicroBatches;
import dpo.harness.config.ExperimentConfig;
import dpo.train.EvaluationSet;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The largest passes of a run. The memory of a pass grows with its tokens and with the squares of its sequence lengths,
 * so each kind contributes the pass with the most tokens and the one with the largest sum of squares.
 */
final class Workloads {

    private Workloads() {}

    /**
     * The passes of all optimizer steps, of sampled completions, of reference log-probs and evaluation, and of the
     * supervised term.
     *
     * @param positions largest length of a sequence of the model
     */
    static Workload of(ExperimentConfig config, TrainingData data, int positions) {
        if (data.train().isEmpty()) {
            return new Workload(
                    config.device(),
                    0,
                    List.of(),
                    List.of(),
                    false,
                    config.trainingSettings().needsSecondModel());
        }
        BatchPlan plan = config.trainingSettings().plan(data.train());
        List<List<List<Integer>>> steps = IntStream.rangeClosed(1, plan.steps())
                .mapToObj(step -> plan.step(step).microBatches())
                .toList();
        MicroBatches microBatches = config.training().microBatches();
        List<List<TokenSequence>> trained =
                new ArrayList<>(largest(data.train(), steps.stream().flatMap(List::stream)));
        trained.addAll(longest(data.sft(), microBatches));
        List<TokenSequence> sampled = sampled(config, data.train(), positions);
        trained.addAll(longest(sampled, microBatches));
        List<List<TokenSequence>> scored = new ArrayList<>();
        Stream.concat(Stream.of(data.train()), data.evaluation().stream().map(EvaluationSet::preferences))
                .forEach(preferences -> scored.addAll(
                        largest(preferences, microBatches.cut(Preference.distinctTokens(preferences)).stream())));
        boolean accumulates =
                !data.sft().isEmpty() || !sampled.isEmpty() || steps.stream().anyMatch(step -> step.size() > 1);
        long sequences = steps.stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .mapToLong(index -> data.train().get(index).completions().size())
                .sum();
        return new Workload(
                config.device(),
                sequences,
                trained,
                scored,
                accumulates,
                config.trainingSettings().needsSecondModel());
    }

    /** The longest completions that a step may sample. */
    private static List<TokenSequence> sampled(ExperimentConfig config, List<Preference> train, int positions) {
        return config.method().flatMap(TrainingMethod::samples).stream()
                .flatMap(samples -> train.stream()
                        .map(preference -> samples.longest(preference, positions))
                        .sorted(Comparator.comparingInt(TokenSequence::length).reversed())
                        .limit(config.training().batchSize())
                        .flatMap(sequence -> Collections.nCopies(samples.perPrompt(), sequence).stream()))
                .toList();
    }

    private static List<List<TokenSequence>> largest(List<Preference> preferences, Stream<List<Integer>> microBatches) {
        long[] tokens =
                preferences.stream().mapToLong(Preference::distinctTokens).toArray();
        long[] squares = preferences.stream()
                .mapToLong(preference -> preference.completions().stream()
                        .mapToLong(Workloads::square)
                        .sum())
                .toArray();
        List<List<Integer>> all = microBatches.toList();
        return Stream.of(tokens, squares)
                .flatMap(sizes -> all.stream().max(Comparator.comparingLong(indices -> sum(sizes, indices))).stream())
                .distinct()
                .map(indices -> new PreferenceBatch(
                                indices.stream().map(preferences::get).toList())
                        .sequences())
                .toList();
    }

    /** A pass of the longest sequences; a shuffle may place them in one pass. */
    private static List<List<TokenSequence>> longest(List<TokenSequence> sequences, MicroBatches microBatches) {
        List<TokenSequence> longestFirst = sequences.stream()
                .sorted(Comparator.comparingInt(TokenSequence::length).reversed())
                .toList();
        int[] tokens = longestFirst.stream().mapToInt(TokenSequence::length).toArray();
        return microBatches.cut(tokens).stream()
                .limit(1)
                .map(indices -> indices.stream().map(longestFirst::get).toList())
                .toList();
    }

    private static long square(TokenSequence sequence) {
        return (long) sequence.length() * sequence.length();
    }

    private static long sum(long[] sizes, Collection<Integer> indices) {
        return indices.stream().mapToLong(index -> sizes[index]).sum();
    }
}
