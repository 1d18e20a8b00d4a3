package dpo.core.loss.referencefree;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Label;
import dpo.core.setting.Setting;
import java.util.stream.IntStream;

/**
 * The supervised term: negative log-likelihood of completions under the policy, on the chosen completions of the pairs
 * (in lists the best, of labelled completions the desirable ones) or on a separate data set D_SFT.
 *
 * <pre>
 *  sum         (1/N) Σ_j −Σ_t log πθ(y_t)                       the definition, −E[Σ_t log πθ(y_t | x, y_&lt;t)]
 *  token_mean  (1/T) Σ_j −Σ_t log πθ(y_t),  T = Σ_j L_j         TRL's {@code sft}, here over the whole optimizer step
 *  pair_mean   (1/N) Σ_j −(1/L_j) Σ_t log πθ(y_t)               NeMo RL's {@code sft_average_log_probs}
 * </pre>
 *
 * The weight of pair j multiplies its share. Means over completions are unbiased over random steps. {@code token_mean}
 * is a ratio of two sums: tokens in steps of short completions have a larger weight, and the expectation differs from
 * the mean over all tokens of the data by a term of order 1/N. Differences from other code: TRL takes the token mean
 * within each micro-batch, so that its value depends on the split; here T is of the whole optimizer step. An empty
 * completion contributes 0.
 *
 * @param reduction denominator of the log-likelihood
 */
@Published(
        type = "sft",
        formula = "-log πθ(y_w), summed or averaged over tokens",
        paper = "arXiv:2404.19733, eq. 1 (NLL term); TRL sft; NeMo RL sft_loss",
        atInitialisation = "the NLL of the reference")
public record SftLoss(
        @Setting(
                about = "sum (mean over completions of their sums), token_mean (mean over all tokens) or"
                        + " pair_mean (mean over completions of their means)",
                byDefault = "sum")
        Average reduction)
        implements PreferenceLoss {

    /** The count by which the log-likelihood is divided. */
    public enum Average {
        /** Mean over completions of the summed negative log-likelihood. */
        SUM,
        /** Mean over all tokens of the optimizer step. */
        TOKEN_MEAN,
        /** Mean over completions of their mean over tokens. */
        PAIR_MEAN
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        TokenLogProbs policy = logProbs.policy();
        double[] slopes = new double[policy.rows()];
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            if (label.isFirstDesirable()) {
                int row = logProbs.first(j);
                slopes[row] = -label.weight()
                        * tokenShare(policy.tokens(row), normalizer.preferences(), normalizer.chosenTokens());
                value += slopes[row] * policy.sum(row);
            }
        }
        return new LossEvaluation(value, TokenGradient.ofRowSums(policy.shape(), slopes));
    }

    /**
     * Value and gradient on (a part of) the completions of D_SFT of an optimizer step, each of weight 1.
     *
     * @param policy log πθ, {@code [row][token]}
     * @param totalRows N, number of rows of the whole optimizer step
     * @param totalTokens T, number of tokens of the whole optimizer step
     */
    public LossEvaluation evaluate(TokenLogProbs policy, long totalRows, long totalTokens) {
        double[] slopes = new double[policy.rows()];
        double value = 0;
        for (int row = 0; row < slopes.length; row++) {
            slopes[row] = -tokenShare(policy.tokens(row), totalRows, totalTokens);
            value += slopes[row] * policy.sum(row);
        }
        return new LossEvaluation(value, TokenGradient.ofRowSums(policy.shape(), slopes));
    }

    private double tokenShare(int tokens, long totalRows, long totalTokens) {
        return switch (reduction) {
            case SUM -> 1.0 / totalRows;
            case TOKEN_MEAN -> 1.0 / Math.max(1, totalTokens);
            case PAIR_MEAN -> 1.0 / ((double) totalRows * Math.max(1, tokens));
        };
    }

    @Override
    public boolean usesReference() {
        return false;
    }

    /** The log-likelihood of each completion; a mean over tokens for {@code pair_mean}. */
    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        TokenLogProbs policy = logProbs.policy();
        return IntStream.range(0, policy.rows())
                .mapToDouble(
                        row -> policy.sum(row) / (reduction == Average.PAIR_MEAN ? Math.max(1, policy.tokens(row)) : 1))
                .toArray();
    }
}
