package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * A preference objective over multi-turn completions, with the log-ratio of each assistant turn weighted:
 *
 * <pre>  s = Σ_t w_t Σ_(i in turn t) (log πθ(y_i) − log π_ref(y_i))</pre>
 *
 * With all weights 1 this is the multi-turn DPO objective. The inner objective sees token log-probabilities times the
 * weight of their turn; turns of weight 0 do not exist for it, so that they do not count in its mean over a
 * completion's tokens either. (The {@link Normalizer} still counts all tokens of the step, for an objective that
 * divides by those.)
 *
 * @param loss the inner objective
 * @param turns weight of each turn
 */
public record TurnWeighted(PreferenceLoss loss, TurnWeights turns) implements PreferenceLoss {

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        View chosen = new View(logProbs.policyChosen().shape(), turns);
        View rejected = new View(logProbs.policyRejected().shape(), turns);
        LossEvaluation inner = loss.evaluate(
                new PreferenceLogProbs(
                        chosen.apply(logProbs.policyChosen()),
                        rejected.apply(logProbs.policyRejected()),
                        chosen.apply(logProbs.referenceChosen()),
                        rejected.apply(logProbs.referenceRejected()),
                        logProbs.groups(),
                        logProbs.weights()),
                normalizer);
        return new LossEvaluation(
                inner.value(), chosen.pullBack(inner.chosen()), rejected.pullBack(inner.rejected()), inner.terms());
    }

    @Override
    public OptionalDouble rewardScale() {
        return loss.rewardScale();
    }

    /** The linear map from all tokens to the weighted tokens of the turns that count, and its transpose. */
    private static final class View {

        private final TokenShape full;
        private final TokenShape kept;
        private final double[] tokenWeights; // flat over the full shape

        View(TokenShape full, TurnWeights turns) {
            this.full = full;
            this.tokenWeights = new double[full.tokens()];
            int[][] lengths = full.turnLengths();
            for (int row = 0; row < full.rows(); row++) {
                int count = full.turns(row);
                for (int turn = 0; turn < count; turn++) {
                    double weight = turns.weight(turn, count);
                    Arrays.fill(tokenWeights, full.turnStart(row, turn), full.turnEnd(row, turn), weight);
                    lengths[row][turn] = weight == 0 ? 0 : lengths[row][turn];
                }
                lengths[row] = Arrays.stream(lengths[row]).filter(length -> length > 0).toArray();
            }
            this.kept = TokenShape.ofTurns(lengths);
        }

        TokenLogProbs apply(TokenLogProbs logProbs) {
            double[] values = new double[kept.tokens()];
            int at = 0;
            for (int i = 0; i < tokenWeights.length; i++) {
                if (tokenWeights[i] != 0) {
                    values[at++] = tokenWeights[i] * logProbs.at(i);
                }
            }
            return TokenLogProbs.of(kept, values);
        }

        TokenGradient pullBack(TokenGradient gradient) {
            double[] values = new double[full.tokens()];
            int at = 0;
            for (int i = 0; i < tokenWeights.length; i++) {
                if (tokenWeights[i] != 0) {
                    values[i] = tokenWeights[i] * gradient.at(at++);
                }
            }
            return TokenGradient.of(full, values);
        }
    }
}
