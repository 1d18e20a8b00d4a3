package dpo.lab.labels;

import dpo.core.loss.PreferenceLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.PopulationLoss;
import java.util.List;
import java.util.Optional;

/**
 * Two answers a and b to one prompt, a being chosen with a given probability: the policy at which an objective is
 * least.
 *
 * @param referenceRatio ρ, the reference's probability of a divided by that of b
 * @param probability P, the probability that a is chosen
 */
record TwoAnswers(double referenceRatio, double probability) {

    /** Reward margins are searched up to this size; where an objective still falls there, it has no minimum. */
    private static final double MOST_REWARD = 64;

    /** How far behind the minimum the loss must rise, relative to 1 + |Δ|. */
    private static final double BEYOND = 1e-6;

    /** π_ref. */
    double[] reference() {
        return new double[] {referenceRatio / (1 + referenceRatio), 1 / (1 + referenceRatio)};
    }

    /**
     * The policy at the minimum of the expected loss {@code P ℓ(a ≻ b) + (1−P) ℓ(b ≻ a)}, as log-probabilities of both
     * answers: the root of its derivative by bisection, so the loss may have kinks, but only one minimum.
     *
     * @return empty if the loss falls without end, or is level where it is least
     */
    Optional<double[]> minimiser(PreferenceLoss loss) {
        PopulationLoss expected = expected(loss);
        // Towards the minimum the loss falls; a loss that is level far away is level at the other end too.
        double sign = slope(expected, 0) < 0 ? 1 : -1;
        double near = 0;
        double far = sign * MOST_REWARD / loss.beta();
        double end = far;
        double middle = far / 2;
        while (middle != near && middle != far) {
            if (sign * slope(expected, middle) < 0) {
                near = middle;
            } else {
                far = middle;
            }
            middle = (near + far) / 2;
        }
        double beyond = middle + sign * BEYOND * (1 + Math.abs(middle));
        if (!(sign * slope(expected, end) > 0 || sign * slope(expected, beyond) > 0)) {
            return Optional.empty();
        }
        double logit = Math.log(referenceRatio) + middle;
        return Optional.of(new double[] {LogSpace.logSigmoid(logit), LogSpace.logSigmoid(-logit)});
    }

    private PopulationLoss expected(PreferenceLoss loss) {
        return new PopulationLoss(
                loss, reference(), List.of(new AnswerPair(0, 1, probability), new AnswerPair(1, 0, 1 - probability)));
    }

    /** The derivative of the expected loss by the margin of log-ratios, at some margin. */
    double slope(PreferenceLoss loss, double margin) {
        return slope(expected(loss), margin);
    }

    /** The same by the central difference of its values. */
    double difference(PreferenceLoss loss, double margin, double step) {
        PopulationLoss expected = expected(loss);
        double rise = expected.at(logits(margin + step)).value()
                - expected.at(logits(margin - step)).value();
        return rise / (2 * step);
    }

    private double slope(PopulationLoss expected, double margin) {
        return expected.at(logits(margin)).gradient()[0];
    }

    private double[] logits(double margin) {
        return new double[] {Math.log(referenceRatio) + margin, 0};
    }

    /** {@code Δ}, the log-ratio of a minus that of b. */
    double margin(double[] logPolicy) {
        return logPolicy[0] - logPolicy[1] - Math.log(referenceRatio);
    }
}
