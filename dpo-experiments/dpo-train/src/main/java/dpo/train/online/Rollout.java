package dpo.train.online;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Completions sampled from the policy, with their scores.
 *
 * @param sequences prompts with sampled completions
 * @param policy log-probabilities under the policy that sampled them
 * @param reference log-probabilities under the reference
 * @param rewards r of each completion
 * @param truth the true reward of each completion, if another one is maximised
 */
record Rollout(
        List<TokenSequence> sequences,
        TokenLogProbs policy,
        TokenLogProbs reference,
        double[] rewards,
        Optional<double[]> truth) {

    int size() {
        return sequences.size();
    }

    /** {@code log π(y) − log π_ref(y)} of a completion, nats. */
    double logRatio(int row) {
        return policy.logRatio(reference, row);
    }

    /** The mean of the log-ratios, an estimate of KL(π ‖ π_ref). */
    double kl() {
        return IntStream.range(0, size()).mapToDouble(this::logRatio).average().orElse(Double.NaN);
    }

    /** The length of all sequences. */
    long tokens() {
        return Rollouts.length(sequences);
    }

    /** The length of each sequence. */
    int[] lengths() {
        return sequences.stream().mapToInt(TokenSequence::length).toArray();
    }

    /** Means over the completions, by TRL's names. */
    Map<String, Double> metrics(double beta) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        double score = mean(rewards);
        metrics.put("objective/scores", score);
        truth.ifPresent(values -> metrics.put("objective/true_scores", mean(values)));
        metrics.put("objective/kl", kl());
        metrics.put("objective/rlhf_reward", score - beta * kl());
        metrics.put("completion_length", (double) policy.shape().tokens() / size());
        return metrics;
    }

    static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
