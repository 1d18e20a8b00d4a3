package dpo.core.metric;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.numeric.LogSpace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Means over preference pairs of what is worth watching, accumulated over any number of batches.
 *
 * <p>All values are unweighted means over the pairs seen since construction, whatever the split into batches. A
 * log-ratio is that of a whole completion, {@code s = Σ_t (log πθ(y_t) − log π_ref(y_t))}, nats; a reward is β·s
 * (arXiv:2305.18290, eq. 5) <em>whatever the objective</em>, as in TRL: it need not be the score that the objective
 * looks at.
 *
 * <pre>
 *  rewards/chosen, rewards/rejected        E[β s_w], E[β s_l]
 *  rewards/margins                         E[β (s_w − s_l)]
 *  rewards/accuracies                      share of pairs with s_w &gt; s_l, strictly
 *  rewards/ties                            share of pairs with s_w = s_l exactly: neither right nor wrong
 *  logps/chosen, logps/rejected            E[log πθ(y_w)], E[log πθ(y_l)], of whole completions
 *  chosen_log_prob_fell                    share of pairs with s_w &lt; 0
 *  kl_to_reference                         E over scored tokens of both sides of r − 1 − log r,  r = πθ/π_ref
 *  alignment/policy_log_mean_ratio         log E[πθ(y_w)/πθ(y_l)];  alignment/reference_log_mean_ratio for π_ref
 *  alignment/policy_mean_log_ratio         E[log πθ(y_w)/πθ(y_l)];  alignment/reference_mean_log_ratio for π_ref
 *  tokens/chosen, tokens/rejected          mean number of scored tokens
 *  groups/NAME/rewards/accuracies, …/rewards/margins, …/pairs     where pairs of more than one group were seen
 *  turns/N/rewards/accuracies, …/rewards/margins, …/pairs         where a pair had more than one turn on both sides
 * </pre>
 *
 * <p><b>kl_to_reference</b> is the non-negative estimator "k3" (Schulman 2020, "Approximating KL divergence"), per
 * token. Where the completions of both sides were sampled from π_ref, each term is, given its prefix, an unbiased
 * estimate of KL(π_ref ‖ πθ) of the next token; that is the divergence in the direction opposite to the one that DPO
 * bounds. Where they come from elsewhere it estimates no divergence and is a gauge only: 0 where the models agree on
 * these tokens, growing as they part. So that it stays finite, r is capped at e^100.
 *
 * <p><b>alignment</b> compares both sides of the inequality E[πθ(y_w)/πθ(y_l)] ≥ E[π_ref(y_w)/π_ref(y_l)] in logs,
 * where neither overflows. A few pairs dominate such a mean of ratios; the mean of the logs is the robust companion.
 *
 * <p>Turn N (from 1) of a pair counts where both completions have it; its reward is β times the log-ratio of that
 * turn's tokens. Where there is no β ({@code rewardScale} empty) everything under {@code rewards/} is left out, also
 * of groups and turns. A NaN log-probability makes every mean that it enters NaN. Where TRL differs: it averages batch
 * means, so that a smaller last batch counts as much as a full one, and counts a tie as wrong without showing it.
 */
public final class PreferenceMetrics {

    /** Largest log-ratio of a token whose exponential is taken: past it only the sum's finiteness matters. */
    private static final double MAX_EXPONENT = 100;

    private final OptionalDouble rewardScale;
    private final Slice all = new Slice();
    private final Map<String, Slice> groups = new TreeMap<>();
    private final Map<Integer, Slice> turns = new TreeMap<>();
    private final Mean chosenRatio = new Mean();
    private final Mean rejectedRatio = new Mean();
    private final Mean ties = new Mean();
    private final Mean chosenLogProb = new Mean();
    private final Mean rejectedLogProb = new Mean();
    private final Mean fell = new Mean();
    private final Mean kl = new Mean();
    private final Mean chosenTokens = new Mean();
    private final Mean rejectedTokens = new Mean();
    private final RatioMean policyRatio = new RatioMean();
    private final RatioMean referenceRatio = new RatioMean();

    /**
     * Metrics of no pairs yet.
     *
     * @param rewardScale β of the implicit rewards; empty where the objective has none
     */
    public PreferenceMetrics(OptionalDouble rewardScale) {
        this.rewardScale = rewardScale;
    }

    /** Takes in the pairs of a batch. */
    public void add(PreferenceLogProbs logProbs) {
        for (int pair = 0; pair < logProbs.pairs(); pair++) {
            addRatios(logProbs, pair);
            addTurns(logProbs, pair);
            addDivergence(logProbs.policyChosen(), logProbs.referenceChosen(), pair);
            addDivergence(logProbs.policyRejected(), logProbs.referenceRejected(), pair);
            chosenTokens.add(logProbs.policyChosen().tokens(pair));
            rejectedTokens.add(logProbs.policyRejected().tokens(pair));
        }
    }

    private void addRatios(PreferenceLogProbs logProbs, int pair) {
        TokenLogProbs chosen = logProbs.policyChosen();
        TokenLogProbs rejected = logProbs.policyRejected();
        double chosenScore = chosen.logRatio(logProbs.referenceChosen(), pair);
        double rejectedScore = rejected.logRatio(logProbs.referenceRejected(), pair);
        double margin = chosenScore - rejectedScore;
        all.add(margin);
        groups.computeIfAbsent(logProbs.groups().get(pair), name -> new Slice()).add(margin);
        chosenRatio.add(chosenScore);
        rejectedRatio.add(rejectedScore);
        ties.add(indicator(margin == 0, margin));
        fell.add(indicator(chosenScore < 0, chosenScore));
        chosenLogProb.add(chosen.sum(pair));
        rejectedLogProb.add(rejected.sum(pair));
        policyRatio.add(chosen.sum(pair) - rejected.sum(pair));
        referenceRatio.add(logProbs.referenceChosen().sum(pair) - logProbs.referenceRejected().sum(pair));
    }

    private void addTurns(PreferenceLogProbs logProbs, int pair) {
        TokenLogProbs chosen = logProbs.policyChosen();
        TokenLogProbs rejected = logProbs.policyRejected();
        int common = Math.min(chosen.shape().turns(pair), rejected.shape().turns(pair));
        for (int turn = 0; turn < common; turn++) {
            double margin = chosen.turnLogRatio(logProbs.referenceChosen(), pair, turn)
                    - rejected.turnLogRatio(logProbs.referenceRejected(), pair, turn);
            turns.computeIfAbsent(turn + 1, number -> new Slice()).add(margin);
        }
    }

    private void addDivergence(TokenLogProbs policy, TokenLogProbs reference, int pair) {
        for (int i = policy.shape().start(pair); i < policy.shape().end(pair); i++) {
            double logRatio = policy.at(i) - reference.at(i);
            kl.add(Math.expm1(Math.min(logRatio, MAX_EXPONENT)) - logRatio);
        }
    }

    /**
     * The means over all pairs seen, by name, in the order of the table above; empty where no pair was seen. A metric
     * of tokens is NaN where no pair had any.
     */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        if (all.margin.count == 0) {
            return values;
        }
        rewardScale.ifPresent(beta -> {
            values.put("rewards/chosen", beta * chosenRatio.value());
            values.put("rewards/rejected", beta * rejectedRatio.value());
            all.putRewards(values, "", beta);
            values.put("rewards/ties", ties.value());
        });
        values.put("logps/chosen", chosenLogProb.value());
        values.put("logps/rejected", rejectedLogProb.value());
        values.put("chosen_log_prob_fell", fell.value());
        values.put("kl_to_reference", kl.value());
        policyRatio.put(values, "alignment/policy");
        referenceRatio.put(values, "alignment/reference");
        values.put("tokens/chosen", chosenTokens.value());
        values.put("tokens/rejected", rejectedTokens.value());
        putSlices(values, "groups/", groups);
        putSlices(values, "turns/", turns);
        return values;
    }

    private void putSlices(Map<String, Double> values, String prefix, Map<?, Slice> slices) {
        if (slices.size() > 1) {
            slices.forEach((name, slice) -> {
                String path = prefix + name + "/";
                rewardScale.ifPresent(beta -> slice.putRewards(values, path, beta));
                values.put(path + "pairs", (double) slice.margin.count);
            });
        }
    }

    /** 1 or 0, or NaN where the compared value is NaN: a comparison with NaN is neither right nor wrong. */
    private static double indicator(boolean holds, double compared) {
        return Double.isNaN(compared) ? Double.NaN : holds ? 1 : 0;
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
    }

    /** Margins of the pairs of one group, or of one turn, or of all. */
    private static final class Slice {
        private final Mean margin = new Mean();
        private final Mean accuracy = new Mean();

        void add(double value) {
            margin.add(value);
            accuracy.add(indicator(value > 0, value));
        }

        void putRewards(Map<String, Double> values, String prefix, double beta) {
            values.put(prefix + "rewards/margins", beta * margin.value());
            values.put(prefix + "rewards/accuracies", accuracy.value());
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
            values.put(prefix + "_log_mean_ratio", logSum - Math.log(logRatio.count));
            values.put(prefix + "_mean_log_ratio", logRatio.value());
        }
    }
}
