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

    /** Minima whose values differ by less are the same up to rounding. */
    private static final double SAME = 1e-12;

    private final ConversationWorld world;
    private final PreferenceLoss loss;
    private final Labels labels;
    private final TokenShape shape;
    private final double[] logReference;
    private final TokenLogProbs reference;

    /** The entry of each token, row after row. */
    private final int[] entries;

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
        List<ConversationWorld.Trajectory> rows = new ArrayList<>();
        for (ConversationWorld.Trajectory chosen : world.trajectories()) {
            for (ConversationWorld.Trajectory rejected : world.trajectories()) {
                double drawn = probability(chosen) * probability(rejected);
                if (!chosen.equals(rejected) && drawn > 0) {
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
        this.entries = rows.stream()
                .flatMapToInt(row -> row.entries().stream().mapToInt(Integer::intValue))
                .toArray();
        this.reference = logProbs(logReference);
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
        PreferenceLogProbs logProbs = new PreferenceLogProbs(logProbs(logPolicy), reference, labels);
        LossEvaluation evaluation = loss.evaluate(logProbs, Normalizer.of(logProbs));
        double[] gradient = new double[logits.length];
        double[] ofTokens = evaluation.gradient().toArray();
        for (int token = 0; token < entries.length; token++) {
            gradient[entries[token]] += ofTokens[token];
        }
        return new At(evaluation.value(), world.pullBack(logPolicy, gradient));
    }

    private TokenLogProbs logProbs(double[] table) {
        return TokenLogProbs.filled(shape, values -> {
            for (int token = 0; token < values.length; token++) {
                values[token] = table[entries[token]];
            }
        });
    }

    /** The minimiser by Newton's method, from the reference; answers that no pair judges keep their reference. */
    public Newton.Minimum minimum() {
        return minimum(List.of(logReference));
    }

    /**
     * The least of the minima that Newton's method finds from some points. A loss that does not cover every turn may have
     * several.
     */
    public Newton.Minimum minimum(List<double[]> starts) {
        Newton.Minimum least = Newton.minimise(this, starts.get(0), 500);
        for (double[] start : starts.subList(1, starts.size())) {
            Newton.Minimum found = Newton.minimise(this, start, 500);
            least = found.value() < least.value() - SAME ? found : least;
        }
        return least;
    }
}
