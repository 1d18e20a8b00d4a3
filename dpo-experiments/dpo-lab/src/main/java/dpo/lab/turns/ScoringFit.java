package dpo.lab.turns;

import dpo.core.numeric.LogSpace;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * What multi-turn DPO converges to in {@link TwoTurns}, written out as a logistic regression and solved by Fisher scoring:
 * the prediction for the library's losses, with which it shares no code. The unknowns are the logits of answer 1 in the
 * first turn and in the second turn after each of the four pasts.
 */
final class ScoringFit {

    private static final int STEPS = 5000;
    private static final int HALVINGS = 40;
    private static final double SMALLEST_STEP = 1e-11;
    private static final double SMALLEST_GAIN = 1e-24;

    private final TwoTurns turns;
    private final double beta;
    private final double[] turnWeights;

    ScoringFit(TwoTurns turns, double beta, double... turnWeights) {
        this.turns = turns;
        this.beta = beta;
        this.turnWeights = turnWeights;
    }

    /** Value, gradient and expected curvature of the loss at some logits. */
    private record Point(double value, double[] gradient, double[][] curvature) {}

    /** The minimum that is reached from the reference. */
    double[] minimum() {
        return minimum(prior());
    }

    /** The least of the minima from the reference and from four policies with nearly certain second answers. */
    double[] leastMinimum(double far) {
        double[] least = minimum();
        for (int corner = 0; corner < 4; corner++) {
            double[] start = prior();
            start[1] += corner / 2 == 1 ? far : -far;
            start[4] += corner % 2 == 1 ? far : -far;
            double[] found = minimum(start);
            least = at(found).value() < at(least).value() - 1e-12 ? found : least;
        }
        return least;
    }

    private double[] prior() {
        return IntStream.range(0, 5)
                .mapToDouble(i -> turns.prior(i == 0 ? 0 : 1, 1))
                .map(prior -> Math.log(prior / (1 - prior)))
                .toArray();
    }

    private double[] minimum(double[] start) {
        double[] logits = start;
        for (int step = 0; step < STEPS; step++) {
            Point here = at(logits);
            double[] direction = new SingularValueDecomposition(new Array2DRowRealMatrix(here.curvature()))
                    .getSolver()
                    .solve(new ArrayRealVector(here.gradient()))
                    .toArray();
            double gain = 0;
            for (int i = 0; i < 5; i++) {
                gain += direction[i] * here.gradient()[i];
            }
            double[] next = descended(logits, direction, here.value());
            if (gain < SMALLEST_GAIN || next == logits) {
                break;
            }
            logits = next;
        }
        return logits;
    }

    private double[] descended(double[] logits, double[] direction, double value) {
        double share = 1;
        double largest = 0;
        for (double each : direction) {
            largest = Math.max(largest, Math.abs(each));
        }
        for (int halving = 0; halving < HALVINGS && share * largest > SMALLEST_STEP; halving++) {
            double[] next = logits.clone();
            for (int i = 0; i < next.length; i++) {
                next[i] -= share * direction[i];
            }
            if (at(next).value() <= value + 1e-15) {
                return next;
            }
            share /= 2;
        }
        return logits;
    }

    private Point at(double[] logits) {
        double value = 0;
        double[] gradient = new double[5];
        double[][] curvature = new double[5][5];
        double total = 0;
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < i; j++) {
                double drawn = probability(i) * probability(j);
                if (drawn == 0) {
                    continue;
                }
                double margin = score(logits, i) - score(logits, j);
                double preferred = LogSpace.sigmoid(reward(i) - reward(j));
                total += drawn;
                value -= drawn
                        * (preferred * LogSpace.logSigmoid(margin) + (1 - preferred) * LogSpace.logSigmoid(-margin));
                double[] slopes = slopes(logits, i, j);
                double missing = drawn * (LogSpace.sigmoid(margin) - preferred);
                double bend = drawn * LogSpace.sigmoid(margin) * LogSpace.sigmoid(-margin);
                for (int k = 0; k < 5; k++) {
                    gradient[k] += missing * slopes[k];
                    for (int m = 0; m < 5; m++) {
                        curvature[k][m] += bend * slopes[k] * slopes[m];
                    }
                }
            }
        }
        return new Point(value / total, gradient, curvature);
    }

    private static int first(int trajectory) {
        return trajectory / 4;
    }

    private static int reply(int trajectory) {
        return trajectory / 2 % 2;
    }

    private static int second(int trajectory) {
        return trajectory % 2;
    }

    /** Index of the logit of the second turn. */
    private static int past(int trajectory) {
        return 1 + trajectory / 2;
    }

    private double reward(int trajectory) {
        return turns.reward(first(trajectory), reply(trajectory), second(trajectory));
    }

    private double probability(int trajectory) {
        return turns.prior(0, first(trajectory))
                * turns.chance(first(trajectory), reply(trajectory))
                * turns.prior(1, second(trajectory));
    }

    /** β Σ_t w_t (log π(a_t) − log π_ref(a_t)). */
    private double score(double[] logits, int trajectory) {
        double ofFirst = logProbability(logits[0], first(trajectory)) - Math.log(turns.prior(0, first(trajectory)));
        double ofSecond = logProbability(logits[past(trajectory)], second(trajectory))
                - Math.log(turns.prior(1, second(trajectory)));
        return beta * (turnWeights[0] * ofFirst + turnWeights[1] * ofSecond);
    }

    private static double logProbability(double logit, int answer) {
        return LogSpace.logSigmoid(answer == 1 ? logit : -logit);
    }

    /** Derivatives of the margin of two trajectories. */
    private double[] slopes(double[] logits, int one, int other) {
        double[] slopes = new double[5];
        slopes[0] = beta * turnWeights[0] * (first(one) - first(other));
        slopes[past(one)] += beta * turnWeights[1] * (second(one) - LogSpace.sigmoid(logits[past(one)]));
        slopes[past(other)] -= beta * turnWeights[1] * (second(other) - LogSpace.sigmoid(logits[past(other)]));
        return slopes;
    }

    /** J_β of a policy with these logits, turn by turn. */
    double value(double[] logits) {
        double value = 0;
        for (int trajectory = 0; trajectory < 8; trajectory++) {
            double first = Math.exp(logProbability(logits[0], first(trajectory)));
            double second = Math.exp(logProbability(logits[past(trajectory)], second(trajectory)));
            double ratios = Math.log(first / turns.prior(0, first(trajectory)))
                    + Math.log(second / turns.prior(1, second(trajectory)));
            double probability = first * turns.chance(first(trajectory), reply(trajectory)) * second;
            value += probability == 0 ? 0 : probability * (reward(trajectory) - beta * ratios);
        }
        return value;
    }
}
