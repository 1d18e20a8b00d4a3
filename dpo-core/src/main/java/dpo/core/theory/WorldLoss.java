package dpo.core.theory;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.util.Arrays;
import java.util.List;

/**
 * The value of an objective over judged pairs of a controlled world, as a function of the policy's logits θ, one per entry
 * of the world's tables: {@code π(· | s) = softmax(θ(s))}.
 */
public final class WorldLoss implements SmoothFunction {

    private final PreferenceLoss loss;
    private final MarkovShape shape;
    private final TokenShape rows;
    private final int[] entries;
    private final TokenLogProbs reference;
    private final Labels labels;

    /**
     * The loss over some pairs.
     *
     * @param loss an objective on pairs
     * @param world gives π_ref
     * @param pairs pairs of completions of the world
     */
    public WorldLoss(PreferenceLoss loss, ControlledWorld world, PreferenceBatch pairs) {
        this.loss = loss;
        this.shape = world.shape();
        List<TokenSequence> sequences = pairs.sequences();
        this.rows = TokenShape.of(sequences);
        this.entries = sequences.stream().flatMapToInt(shape::entries).toArray();
        this.reference = logProbs(world.reference());
        this.labels = Labels.of(pairs.labels());
    }

    @Override
    public At at(double[] logits) {
        MarkovPolicy policy = MarkovPolicy.ofLogits(shape, logits);
        PreferenceLogProbs logProbs = new PreferenceLogProbs(logProbs(policy), reference, labels);
        LossEvaluation evaluation = loss.evaluate(logProbs, Normalizer.of(logProbs));
        return new At(evaluation.value(), gradient(policy, evaluation.gradient().toArray()));
    }

    private TokenLogProbs logProbs(MarkovPolicy policy) {
        return TokenLogProbs.of(
                rows, Arrays.stream(entries).mapToDouble(policy::logProb).toArray());
    }

    /** {@code ∂ log π(a|s) / ∂θ(s, b) = 1[a = b] − π(b|s)}. */
    private double[] gradient(MarkovPolicy policy, double[] ofTokens) {
        double[] gradient = new double[shape.entries()];
        double[] ofStates = new double[shape.states()];
        for (int i = 0; i < entries.length; i++) {
            gradient[entries[i]] += ofTokens[i];
            ofStates[entries[i] / shape.vocabulary()] += ofTokens[i];
        }
        for (int entry = 0; entry < gradient.length; entry++) {
            gradient[entry] -= ofStates[entry / shape.vocabulary()] * Math.exp(policy.logProb(entry));
        }
        return gradient;
    }
}
