package dpo.core.metric;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.ImplicitReward;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Means over preferences, accumulated over any number of batches.
 *
 * <p>All values are unweighted means over all added preferences, independent of the split into batches; weights of
 * pairs and sources affect only the loss. Chosen completions are the better one of a pair, the best of a list and
 * desirable labelled ones; all others are rejected. A list of K completions counts as its pairs, except pairs of
 * completions with equal ratings. r is the {@linkplain ImplicitReward implicit reward} of the objective, in its unit; l
 * = Σ_t log πθ(y_t), s = Σ_t (log πθ(y_t) − log π_ref(y_t)), both in nats.
 *
 * <pre>
 *  rewards/chosen, rewards/rejected        E[r_w], E[r_l]
 *  rewards/margins                         E[r_w − r_l]
 *  rewards/accuracies                      share of pairs with r_w &gt; r_l; a tie counts as half
 *  rewards/ties                            share of pairs with r_w = r_l exactly
 *  rewards/brier                           E[(1 − P)²],  P the probability that the objective gives to the preference
 *  rewards/calibration_error               (1/N) Σ_bins |Σ right − Σ confidence|
 *  rewards/calibration_error_floor         (1/N) Σ_bins √(2/π · Σ confidence (1 − confidence))
 *  logps/chosen, logps/rejected            E[l_w], E[l_l]
 *  chosen_log_prob_fell                    share of chosen completions with s_w &lt; 0
 *  forward_kl_per_token                    E over scored tokens of both sides of ρ − 1 − log ρ,  ρ = πθ/π_ref
 *  alignment/policy_log_mean_ratio         log E[πθ(y_w)/πθ(y_l)];  alignment/reference_log_mean_ratio for π_ref
 *  alignment/policy_mean_log_ratio         E[log πθ(y_w)/πθ(y_l)];  alignment/reference_mean_log_ratio for π_ref
 *  tokens/chosen, tokens/rejected          mean number of scored tokens
 *  groups/NAME/rewards/accuracies, …/rewards/margins, …/pairs     where pairs of more than one group were seen
 *  turns/N/rewards/accuracies, …/rewards/margins, …/pairs         where a pair had more than one turn on both sides
 * </pre>
 *
 * <p><b>Calibration</b> compares P with the frequency of labels: confidence is max(P, 1 − P), in ten equal bins of
 * [0.5, 1] (expected calibration error, Guo et al. 2017, arXiv:1706.04599, eq. 3); right is 1 where r_w &gt; r_l, and ½
 * at a tie. It is absent, with the Brier score, for an objective that defines no probability ({@link
 * ImplicitReward#probability}).
 *
 * <p><b>The floor</b> is the expected calibration error of a perfectly calibrated policy with these confidences, caused
 * by the randomness of the labels alone. The sum of each bin is taken as normal with variance Σ confidence (1 −
 * confidence), an approximation for bins with few pairs. The floor falls as 1/√N; at N = 138 it is 0.085 for evenly
 * spread confidences, and the error of such a policy has a standard deviation of 0.021. An error near the floor is no
 * evidence of miscalibration.
 *
 * <p><b>forward_kl_per_token</b> is the non-negative estimator "k3" (Schulman 2020, "Approximating KL divergence") of
 * KL(π_ref ‖ πθ), per token. If the completions of both sides were sampled from π_ref, each term is, given its prefix,
 * an unbiased estimate of KL(π_ref ‖ πθ) of the next token. For other completions it does not estimate a divergence; it
 * is non-negative, and 0 if both models agree on these tokens. DPO's constraint is the reverse divergence, KL(πθ ‖
 * π_ref); {@code world/kl} of a controlled world is its exact value for whole completions. ρ is capped at e^100, so
 * that the estimate stays finite.
 *
 * <p><b>Alignment</b> compares both sides of the inequality E[πθ(y_w)/πθ(y_l)] ≥ E[π_ref(y_w)/π_ref(y_l)] in logs,
 * where neither overflows. A few pairs dominate a mean of ratios; the mean of the logs is robust.
 *
 * <p>Turn N (from 1) of a pair counts if both completions have it; its reward is the objective's reward of the tokens
 * of this turn alone. Metrics without any data are absent, as are those of π_ref without a reference. Means that
 * include a NaN log-probability are NaN.
 *
 * <p>Differences from TRL: it averages the means of batches, so that a smaller last batch counts as much as a full one;
 * a tie counts as wrong; the rewards of its DPO and KTO trainers are β s for every loss, also for losses of means per
 * token or of another divergence; those of its ORPO trainer are λ times the mean log πθ, whereas here they are the log
 * odds (their margin is TRL's {@code log_odds_chosen}). Rewards of its CPO trainer, SimPO and AlphaPO included, are the
 * same.
 */
public final class PreferenceMetrics implements PreferenceMetric.Accumulator {

    /** Largest exponent of a token's log-ratio, so that the sum stays finite. */
    private static final double MAX_EXPONENT = 100;

    private final ImplicitReward objective;
    private final Slice all = new Slice();
    private final Map<String, Slice> groups = new TreeMap<>();
    private final Map<Integer, Slice> turns = new TreeMap<>();
    private final Mean chosenReward = new Mean();
    private final Mean rejectedReward = new Mean();
    private final Mean ties = new Mean();
    private final Calibration calibration = new Calibration();
    private final Mean chosenLogProb = new Mean();
    private final Mean rejectedLogProb = new Mean();
    private final Mean fell = new Mean();
    private final Mean kl = new Mean();
    private final Mean chosenTokens = new Mean();
    private final Mean rejectedTokens = new Mean();
    private final RatioMean policyRatio = new RatioMean();
    private final RatioMean referenceRatio = new RatioMean();
    private boolean hasReference;

    /**
     * New metrics, without preferences.
     *
     * @param objective objective of the rewards and probabilities
     */
    public PreferenceMetrics(ImplicitReward objective) {
        this.objective = objective;
    }

    @Override
    public void add(PreferenceLogProbs logProbs) {
        double[] rewards = objective.rewards(logProbs);
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            for (int i = 0; i < label.completions(); i++) {
                int row = logProbs.first(j) + i;
                addCompletion(logProbs, row, rewards[row], i == 0 && label.isFirstDesirable());
            }
        }
        forEachPair(logProbs, (better, worse, group) -> addPair(logProbs, better, worse, rewards, group));
        addTurns(logProbs, rewards);
    }

    /** Receives the rows of a preferred and a worse completion, and their group. */
    private interface PairTaker {
        void take(int better, int worse, String group);
    }

    private static void forEachPair(PreferenceLogProbs logProbs, PairTaker taker) {
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            int first = logProbs.first(j);
            for (int i = 0; i < label.completions(); i++) {
                for (int worse = i + 1; worse < label.completions(); worse++) {
                    if (label.prefers(i, worse)) {
                        taker.take(first + i, first + worse, label.group());
                    }
                }
            }
        }
    }

    private void addCompletion(PreferenceLogProbs logProbs, int row, double reward, boolean chosen) {
        TokenLogProbs policy = logProbs.policy();
        (chosen ? chosenReward : rejectedReward).add(reward);
        (chosen ? chosenLogProb : rejectedLogProb).add(policy.sum(row));
        (chosen ? chosenTokens : rejectedTokens).add(policy.tokens(row));
        if (logProbs.hasReference()) {
            hasReference = true;
            if (chosen) {
                double logRatio = logProbs.logRatio(row);
                fell.add(indicator(logRatio < 0, logRatio));
            }
            addDivergence(policy, logProbs.reference(), row);
        }
    }

    private void addPair(PreferenceLogProbs logProbs, int better, int worse, double[] rewards, String group) {
        double margin = rewards[better] - rewards[worse];
        all.add(margin);
        groups.computeIfAbsent(group, name -> new Slice()).add(margin);
        ties.add(indicator(margin == 0, margin));
        objective.probability(margin).ifPresent(probability -> calibration.add(margin, probability));
        policyRatio.add(logProbs.policy().sum(better) - logProbs.policy().sum(worse));
        if (logProbs.hasReference()) {
            referenceRatio.add(
                    logProbs.reference().sum(better) - logProbs.reference().sum(worse));
        }
    }

    private void addTurns(PreferenceLogProbs logProbs, double[] wholeRewards) {
        TokenShape shape = logProbs.policy().shape();
        int most = IntStream.range(0, shape.rows()).map(shape::turns).max().orElse(0);
        for (int turn = 0; turn < most; turn++) {
            int index = turn;
            double[] rewards = most == 1 ? wholeRewards : objective.rewards(logProbs.onlyTurn(index));
            forEachPair(logProbs, (better, worse, group) -> {
                if (index < Math.min(shape.turns(better), shape.turns(worse))) {
                    turns.computeIfAbsent(index + 1, number -> new Slice()).add(rewards[better] - rewards[worse]);
                }
            });
        }
    }

    private void addDivergence(TokenLogProbs policy, TokenLogProbs reference, int row) {
        for (int i = policy.shape().start(row); i < policy.shape().end(row); i++) {
            double logRatio = policy.at(i) - reference.at(i);
            kl.add(Math.expm1(Math.min(logRatio, MAX_EXPONENT)) - logRatio);
        }
    }

    /**
     * The means over all added preferences by name, in the order of the table above, without metrics that have no data.
     * A metric of tokens is NaN if no completion has any.
     */
    @Override
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        chosenReward.put(values, "rewards/chosen");
        rejectedReward.put(values, "rewards/rejected");
        all.putRewards(values, "");
        ties.put(values, "rewards/ties");
        calibration.put(values);
        chosenLogProb.put(values, "logps/chosen");
        rejectedLogProb.put(values, "logps/rejected");
        fell.put(values, "chosen_log_prob_fell");
        if (hasReference) {
            values.put("forward_kl_per_token", kl.value());
        }
        policyRatio.put(values, "alignment/policy");
        referenceRatio.put(values, "alignment/reference");
        chosenTokens.put(values, "tokens/chosen");
        rejectedTokens.put(values, "tokens/rejected");
        putSlices(values, "groups/", groups);
        putSlices(values, "turns/", turns);
        return values;
    }

    private static void putSlices(Map<String, Double> values, String prefix, Map<?, Slice> slices) {
        if (slices.size() > 1) {
            slices.forEach((name, slice) -> {
                String path = prefix + name + "/";
                slice.putRewards(values, path);
                values.put(path + "pairs", (double) slice.margin.count);
            });
        }
    }

    /** 1 or 0; NaN if the compared value is NaN. */
    private static double indicator(boolean holds, double compared) {
        return Double.isNaN(compared) ? Double.NaN : holds ? 1 : 0;
    }

    /** 1 for a positive margin, ½ for 0, 0 for a negative one; NaN at NaN. */
    static double rightness(double margin) {
        return (1 + Math.signum(margin)) / 2;
    }

    private static final class Mean {
        private double sum;
        private long count;

        void add(double value) {
            sum += value;
            count++;
        }

        double value() {
            return sum / count;
        }

        /** Puts the mean, if any value was added. */
        void put(Map<String, Double> values, String name) {
            if (count > 0) {
                values.put(name, value());
            }
        }
    }

    /** Margins of the pairs of one group, or of one turn, or of all. */
    private static final class Slice {
        private final Mean margin = new Mean();
        private final Mean accuracy = new Mean();

        void add(double value) {
            margin.add(value);
            accuracy.add(rightness(value));
        }

        void putRewards(Map<String, Double> values, String prefix) {
            margin.put(values, prefix + "rewards/margins");
            accuracy.put(values, prefix + "rewards/accuracies");
        }
    }

    /** The mean of a ratio, in logs, and the mean of its log. */
    private static final class RatioMean {
        private final Mean logRatio = new Mean();
        private double logSum = Double.NEGATIVE_INFINITY;

        void add(double value) {
            logRatio.add(value);
            logSum = LogSpace.logSumExp(logSum, value);
        }

        void put(Map<String, Double> values, String prefix) {
            if (logRatio.count == 0) {
                return;
            }
            values.put(prefix + "_log_mean_ratio", logSum - Math.log((double) logRatio.count));
            values.put(prefix + "_mean_log_ratio", logRatio.value());
        }
    }
}
