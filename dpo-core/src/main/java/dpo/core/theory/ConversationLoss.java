package dpo.core.theory;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.List;

/**
 * The expected value of an objective over judged pairs of whole conversations, as a function of a table of logits: two
 * different trajectories drawn independently from π_ref and the user, labelled by the Bradley–Terry model from their
 * rewards. Each turn of the policy is one token; the user's replies are context and are not scored.
 */
public final class ConversationLoss implements SmoothFunction {

    private final ConversationWorld world;
    private final PreferenceLoss loss;
    private final List<ConversationWorld.Trajectory> rows = new ArrayList<>();
    private final Labels labels;
    private final TokenShape shape;
    private final double[] logReference;

    /**
     * The loss over all pairs of a world.
     *
     * @param loss an objective on pairs, such as {@link dpo.core.loss.composed.TurnWeighted}
     */
    public ConversationLoss(ConversationWorld world, PreferenceLoss loss) {
        this.world = world;
        this.loss = loss;
        this.logReference = world.logReference();
        List<Double> weights = new ArrayList<>();
        for (ConversationWorld.Trajectory chosen : world.trajectories()) {
            for (ConversationWorld.Trajectory rejected : world.trajectories()) {
                double drawn = probability(chosen) * probability(rejected);
                if (chosen != rejected && drawn > 0) {
                    weights.add(drawn * LogSpace.sigmoid(chosen.reward() - rejected.reward()));
                    rows.add(chosen);
                    rows.add(rejected);
                }
            }
        }
        double total = weights.stream().mapToDouble(Double::doubleValue).sum();
        this.labels = Labels.of(weights.stream()
                .map(weight -> Label.ordered(2).withWeight(weight / total * weights.size()))
                .toList());
        this.shape = TokenShape.ofTurns(rows.stream()
                .map(row -> row.entries().stream().mapToInt(entry -> 1).toArray())
                .toArray(int[][]::new));
    }

    private double probability(ConversationWorld.Trajectory trajectory) {
        double logs = 0;
        for (int entry : trajectory.entries()) {
            logs += logReference[entry];
        }
        return trajectory.chance() * Math.exp(logs);
    }

    @Override
    public At at(double[] logits) {
        double[] logPolicy = world.logPolicy(logits);
        PreferenceLogProbs logProbs = new PreferenceLogProbs(logProbs(logPolicy), logProbs(logReference), labels);
        LossEvaluation evaluation = loss.evaluate(logProbs, Normalizer.of(logProbs));
        double[] gradient = new double[logits.length];
        double[] ofTokens = evaluation.gradient().toArray();
        int token = 0;
        for (ConversationWorld.Trajectory row : rows) {
            for (int entry : row.entries()) {
                gradient[entry] += ofTokens[token++];
            }
        }
        return new At(evaluation.value(), world.pullBack(logPolicy, gradient));
    }

    private TokenLogProbs logProbs(double[] table) {
        return TokenLogProbs.of(
                shape,
                rows.stream()
                        .flatMap(row -> row.entries().stream())
                        .mapToDouble(entry -> table[entry])
                        .toArray());
    }

    /** The minimiser by Newton's method, from the reference; answers that no pair judges keep their reference. */
    public Newton.Minimum minimum() {
        return Newton.minimise(this, logReference, 500);
    }
}
