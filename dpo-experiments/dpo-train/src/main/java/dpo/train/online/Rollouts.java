package dpo.train.online;

import dpo.core.backend.Policy;
import dpo.core.backend.RewardFunction;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.MicroBatches;
import dpo.train.Models;
import dpo.train.StepSamples;
import dpo.train.TrainingData;
import dpo.train.TrainingFailure;
import dpo.train.TrainingSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Samples completions of training prompts from the policy, at temperature 1, and scores them. The random numbers of a
 * completion depend on the run's seed, the step and the prompt's place in it only.
 */
final class Rollouts {

    private final TrainingData data;
    private final Policy policy;
    private final Policy reference;
    private final ScoredReward reward;
    private final MicroBatches microBatches;
    private final Sampling sampling;
    private final RandomStreams streams;

    /**
     * @param reward r
     * @param maxNewTokens largest number of tokens of a completion
     */
    Rollouts(TrainingSettings settings, TrainingData data, Models models, ScoredReward reward, int maxNewTokens) {
        this.data = data;
        this.policy = models.policy();
        this.reference = models.secondModel()
                .orElseThrow(() -> new IllegalArgumentException(
                        "models must hold a reference for a method that samples, got none"));
        this.reward = reward;
        this.microBatches = settings.microBatches();
        this.sampling = Sampling.plain(maxNewTokens);
        this.streams = new RandomStreams(settings.seed());
    }

    /**
     * Samples the prompts of some preferences.
     *
     * @param step number of the step
     * @param indices preferences, by index
     * @param perPrompt completions of each prompt, which are neighbours in the result
     * @throws TrainingFailure if a log-probability or reward is not finite
     */
    Rollout sample(int step, List<Integer> indices, int perPrompt) {
        return scored(step, completions(policy, step, indices, perPrompt));
    }

    /**
     * Samples completions of the reference.
     *
     * @return as {@link #sample}, not scored
     */
    List<TokenSequence> ofReference(int step, List<Integer> indices, int perPrompt) {
        return completions(reference, step, indices, perPrompt);
    }

    private List<TokenSequence> completions(Policy sampled, int step, List<Integer> indices, int perPrompt) {
        List<TokenSequence> sequences = new ArrayList<>(Collections.nCopies(indices.size() * perPrompt, null));
        List<int[]> prompts = indices.stream()
                .flatMap(index -> Collections.nCopies(
                        perPrompt, StepSamples.prompt(data.train().get(index)))
                        .stream())
                .toList();
        int[] longest = prompts.stream()
                .mapToInt(ids -> Math.min(ids.length + sampling.maxNewTokens(), sampled.maxLength()))
                .toArray();
        for (List<Integer> rows : microBatches.cut(longest)) {
            List<Prompt> batch = rows.stream()
                    .map(row -> new Prompt(
                            Arrays.stream(prompts.get(row)).boxed().toList(),
                            streams.stream("rollouts/" + step + "/" + row)))
                    .toList();
            List<SampledCompletion> drawn = sampled.sample(batch, sampling, data.endIds());
            for (int i = 0; i < rows.size(); i++) {
                int[] completion =
                        drawn.get(i).ids().stream().mapToInt(Integer::intValue).toArray();
                sequences.set(rows.get(i), TokenSequence.of(prompts.get(rows.get(i)), completion));
            }
        }
        return sequences;
    }

    private Rollout scored(int step, List<TokenSequence> sequences) {
        Rollout rollout = new Rollout(
                sequences,
                logProbs(sequences, policy::logProbs),
                logProbs(sequences, reference::logProbs),
                rewards(step, sequences),
                trueRewards(sequences));
        for (TokenLogProbs each : List.of(rollout.policy(), rollout.reference())) {
            if (each.firstNonFiniteRow() >= 0) {
                throw new TrainingFailure("log-probs of samples must be finite, got "
                        + each.sum(each.firstNonFiniteRow()) + " at step " + step);
            }
        }
        return rollout;
    }

    private TokenLogProbs logProbs(List<TokenSequence> sequences, Function<List<TokenSequence>, TokenLogProbs> model) {
        double[][] rows = new double[sequences.size()][];
        inMicroBatches(sequences, (indices, some) -> {
            TokenLogProbs scores = model.apply(some);
            IntStream.range(0, some.size()).forEach(i -> rows[indices.get(i)] = scores.row(i));
        });
        return TokenLogProbs.ofRows(rows);
    }

    /**
     * The reward r of completions.
     *
     * @throws TrainingFailure if one is not finite
     */
    double[] rewards(int step, List<TokenSequence> sequences) {
        double[] rewards = rewards(sequences, reward.reward());
        Arrays.stream(rewards).forEach(value -> Checks.requireFinite(step, "reward", value));
        return rewards;
    }

    /** The true reward of completions, if another one is maximised and it is known. */
    Optional<double[]> trueRewards(List<TokenSequence> sequences) {
        return reward.truth().map(truth -> rewards(sequences, truth));
    }

    private double[] rewards(List<TokenSequence> sequences, RewardFunction function) {
        double[] rewards = new double[sequences.size()];
        inMicroBatches(sequences, (indices, some) -> {
            double[] part = function.rewards(some);
            IntStream.range(0, some.size()).forEach(i -> rewards[indices.get(i)] = part[i]);
        });
        return rewards;
    }

    /** The tokens that pass through models when completions are sampled and scored. */
    long tokens(Rollout rollout) {
        return (reward.isModel() ? 4 : 3) * rollout.tokens();
    }

    /** The tokens that pass through models when completions of the reference are sampled and judged. */
    long tokens(List<TokenSequence> sequences) {
        return (reward.isModel() ? 2 : 1) * length(sequences);
    }

    /** The length of all sequences. */
    static long length(List<TokenSequence> sequences) {
        return sequences.stream().mapToLong(TokenSequence::length).sum();
    }

    /** Receives the rows of a micro-batch. */
    interface MicroBatch {
        void accept(List<Integer> indices, List<TokenSequence> sequences);
    }

    /** Divides sequences into micro-batches. */
    void inMicroBatches(List<TokenSequence> sequences, MicroBatch receiver) {
        int[] tokens = sequences.stream().mapToInt(TokenSequence::length).toArray();
        for (List<Integer> indices : microBatches.cut(tokens)) {
            receiver.accept(indices, indices.stream().map(sequences::get).toList());
        }
    }
}
