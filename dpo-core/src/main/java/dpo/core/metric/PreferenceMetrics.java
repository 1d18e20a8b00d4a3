package dpo.core.metric;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Judgement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Means over preferences of what is worth watching, accumulated over any number of batches.
 *
 * <p>All values are unweighted means over what was seen since construction, whatever the split into batches. Chosen are
 * the better completion of a pair, the best of a list, the desirable of labelled ones; rejected are all others. A list
 * of K completions counts as its K(K−1)/2 pairs wherever pairs are compared. A log-ratio is that of a whole completion, {@code s = Σ_t (log πθ(y_t) − log π_ref(y_t))}, nats; a reward is β·s
 * (arXiv:2305.18290, eq. 5) <em>whatever the objective</em>, as in TRL: it need not be the score that the objective
 * looks at.
 *
 * <pre>
 *  rewards/chosen, rewards/rejected        E[β s_w], E[β s_l]
 *  rewards/margins                         E[β (s_w − s_l)]
 *  rewards/accuracies                      share of pairs with s_w &gt; s_l, strictly
 *  rewards/ties                            share of pairs with s_w = s_l exactly: neither right nor wrong
 *  rewards/brier                           E[(1 − p)²],  p = σ(β (s_w − s_l)) the probability given to the preference
 *  rewards/calibration_error               E over ten bins of |share of right pairs − mean confidence|
 *  logps/chosen, logps/rejected            E[log πθ(y_w)], E[log πθ(y_l)], of whole completions
 *  chosen_log_prob_fell                    share of pairs with s_w &lt; 0
 *  forward_kl_per_token                    E over scored tokens of both sides of r − 1 − log r,  r = πθ/π_ref
 *  alignment/policy_log_mean_ratio         log E[πθ(y_w)/πθ(y_l)];  alignment/reference_log_mean_ratio for π_ref
 *  alignment/policy_mean_log_ratio         E[log πθ(y_w)/πθ(y_l)];  alignment/reference_mean_log_ratio for π_ref
 *  tokens/chosen, tokens/rejected          mean number of scored tokens
 *  groups/NAME/rewards/accuracies, …/rewards/margins, …/pairs     where pairs of more than one group were seen
 *  turns/N/rewards/accuracies, …/rewards/margins, …/pairs         where a pair had more than one turn on both sides
 * </pre>
 *
 * <p><b>calibration</b> asks whether preferences to which the Bradley–Terry model of the implicit rewards gives a
 * probability come true as often: confidence is max(p, 1 − p), binned in ten equal bins of [0.5, 1] (expected calibration
 * error, Guo et al. 2017, arXiv:1706.04599, eq. 3); a tie counts as half right.
 *
 * <p><b>forward_kl_per_token</b> is the non-negative estimator "k3" (Schulman 2020, "Approximating KL divergence") of
 * KL(π_ref ‖ πθ), per token. Where the completions of both sides were sampled from π_ref, each term is, given its
 * prefix, an unbiased estimate of KL(π_ref ‖ πθ) of the next token. Where they were not, it estimates no divergence: it
 * is 0 where the models agree on these tokens and grows as they part. It is not the divergence that DPO bounds, and
 * differs from {@code world/kl} of a controlled world in direction and unit: that is KL(πθ ‖ π_ref) of a whole
 * completion, exact. So that the estimate stays finite, r is capped at e^100.
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
    private final Calibration calibration;
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
        this.calibration = new Calibration(rewardScale.orElse(Double.NaN));
    }

    /** Takes in a batch. */
    public void add(PreferenceLogProbs logProbs) {
        for (int j = 0; j < logProbs.size(); j++) {
            Judgement judgement = logProbs.judgements().get(j);
            List<Completion> completions = IntStream.range(logProbs.first(j), logProbs.first(j + 1))
                    .mapToObj(row -> Completion.of(logProbs, row))
                    .toList();
            for (int i = 0; i < completions.size(); i++) {
                add(completions.get(i), i == 0 && judgement.isFirstDesirable());
                for (int worse = i + 1; worse < completions.size(); worse++) {
                    add(completions.get(i), completions.get(worse), judgement.group());
                }
            }
            for (int row = logProbs.first(j); row < logProbs.first(j + 1); row++) {
                addDivergence(logProbs.policy(), logProbs.reference(), row);
            }
        }
    }

    /** What is needed of a completion: log-probabilities under both models, log-ratios of the whole and of each turn. */
    private record Completion(double policy, double reference, double score, double[] turns, int tokens) {

        static Completion of(PreferenceLogProbs logProbs, int row) {
            TokenLogProbs policy = logProbs.policy();
            TokenLogProbs reference = logProbs.reference();
            double[] turns = new double[policy.shape().turns(row)];
            Arrays.setAll(turns, turn -> policy.turnLogRatio(reference, row, turn));
            return new Completion(
                    policy.sum(row), reference.sum(row), logProbs.logRatio(row), turns, policy.tokens(row));
        }
    }

    private void add(Completion completion, boolean chosen) {
        (chosen ? chosenRatio : rejectedRatio).add(completion.score());
        (chosen ? chosenLogProb : rejectedLogProb).add(completion.policy());
        (chosen ? chosenTokens : rejectedTokens).add(completion.tokens());
        if (chosen) {
            fell.add(indicator(completion.score() < 0, completion.score()));
        }
    }

    private void add(Completion better, Completion worse, String group) {
        double margin = better.score() - worse.score();
        all.add(margin);
        groups.computeIfAbsent(group, name -> new Slice()).add(margin);
        ties.add(indicator(margin == 0, margin));
        calibration.add(margin);
        policyRatio.add(better.policy() - worse.policy());
        referenceRatio.add(better.reference() - worse.reference());
        for (int turn = 0; turn < Math.min(better.turns().length, worse.turns().length); turn++) {
            turns.computeIfAbsent(turn + 1, number -> new Slice()).add(better.turns()[turn] - worse.turns()[turn]);
        }
    }

    private void addDivergence(TokenLogProbs policy, TokenLogProbs reference, int row) {
        for (int i = policy.shape().start(row); i < policy.shape().end(row); i++) {
            double logRatio = policy.at(i) - reference.at(i);
            kl.add(Math.expm1(Math.min(logRatio, MAX_EXPONENT)) - logRatio);
        }
    }

    /**
     * The means over all that was seen, by name, in the order of the table above; what nothing was seen of is left out. A
     * metric of tokens is NaN where no completion had any.
     */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        rewardScale.ifPresent(beta -> putRewards(values, beta));
        chosenLogProb.put(values, "logps/chosen");
        rejectedLogProb.put(values, "logps/rejected");
        fell.put(values, "chosen_log_prob_fell");
        if (chosenTokens.count + rejectedTokens.count > 0) {
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

    private void putRewards(Map<String, Double> values, double beta) {
        chosenRatio.put(values, "rewards/chosen", beta);
        rejectedRatio.put(values, "rewards/rejected", beta);
        if (all.margin.count > 0) {
            all.putRewards(values, "", beta);
            ties.put(values, "rewards/ties");
            calibration.put(values);
        }
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

        void put(Map<String, Double> values, String name) {
            put(values, name, 1);
        }

        /** The mean times a factor, where anything was seen. */
        void put(Map<String, Double> values, String name, double factor) {
            if (count > 0) {
                values.put(name, factor * value());
            }
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
            if (logRatio.count == 0) {
                return;
            }
            values.put(prefix + "_log_mean_ratio", logSum - Math.log(logRatio.count));
            values.put(prefix + "_mean_log_ratio", logRatio.value());
        }
    }
}
