package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.setting.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The supervised term: negative log-likelihood of completions under the policy, on the chosen side of the pairs or on
 * rows of a data set D_SFT of its own.
 *
 * <pre>
 *  sum         (1/N) Σ_j −Σ_t log πθ(y_t)                       the theory's −E[Σ_t log πθ(y_t | x, y_&lt;t)]
 *  token_mean  (1/T) Σ_j −Σ_t log πθ(y_t),  T = Σ_j L_j         TRL's {@code sft}, here over the whole optimizer step
 *  pair_mean   (1/N) Σ_j −(1/L_j) Σ_t log πθ(y_t)               NeMo RL's {@code sft_average_log_probs}
 * </pre>
 *
 * The weight of pair j multiplies its share. Where we differ: TRL takes the token mean within each micro-batch, so
 * that its value depends on the split; here T is of the whole optimizer step. An empty completion contributes 0.
 *
 * @param reduction over which count the log-likelihood is averaged
 */
@Published(
        type = "sft",
        formula = "-log πθ(y_w), summed or averaged over tokens",
        paper = "arXiv:2404.19733, eq. 1 (NLL term); TRL sft; NeMo RL sft_loss",
        atInitialisation = "the NLL of the reference")
public record SftLoss(
        @Setting(
                        about = "sum (of each completion), token_mean (of all tokens) or pair_mean (of means)",
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

    /**
     * Value and gradient on rows of completions.
     *
     * @param value the loss, nats
     * @param gradient ∂value/∂log πθ of each token
     */
    public record RowEvaluation(double value, TokenGradient gradient) {}

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        RowEvaluation rows = evaluate(
                logProbs.policyChosen(), logProbs.weights(), normalizer.pairs(), normalizer.chosenTokens());
        return new LossEvaluation(
                rows.value(), rows.gradient(), TokenGradient.zero(logProbs.policyRejected().shape()));
    }

    /**
     * Value and gradient on (a part of) the completions of an optimizer step.
     *
     * @param policy log πθ, {@code [row][token]}
     * @param weights weight of each row
     * @param totalRows N, number of rows of the whole optimizer step
     * @param totalTokens T, number of tokens of the whole optimizer step
     */
    public RowEvaluation evaluate(TokenLogProbs policy, List<Double> weights, long totalRows, long totalTokens) {
        TokenShape shape = policy.shape();
        double[] slope = new double[shape.rows()];
        double value = 0;
        for (int row = 0; row < slope.length; row++) {
            slope[row] = -weights.get(row) * tokenShare(shape.tokens(row), totalRows, totalTokens);
            value += slope[row] * policy.sum(row);
        }
        return new RowEvaluation(value, TokenGradient.ofRowSums(shape, slope));
    }

    /** Value and gradient on rows of weight 1 that are a whole optimizer step. */
    public RowEvaluation evaluate(TokenLogProbs policy) {
        Double[] ones = new Double[policy.rows()];
        Arrays.fill(ones, 1.0);
        return evaluate(policy, List.of(ones), policy.rows(), policy.shape().tokens());
    }

    private double tokenShare(int tokens, long totalRows, long totalTokens) {
        return switch (reduction) {
            case SUM -> 1.0 / totalRows;
            case TOKEN_MEAN -> 1.0 / Math.max(1, totalTokens);
            case PAIR_MEAN -> 1.0 / ((double) totalRows * Math.max(1, tokens));
        };
    }

    @Override
    public OptionalDouble rewardScale() {
        return OptionalDouble.empty();
    }
}
