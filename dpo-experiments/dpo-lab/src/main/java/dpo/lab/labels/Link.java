package dpo.lab.labels;

import dpo.core.loss.PreferenceLoss;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * An objective with the closed form of its population minimiser.
 *
 * @param name the objective, with its modifier if it has one
 * @param formula the closed form, for people
 * @param loss the objective
 * @param score what the objective multiplies or shifts as the reward of a completion, before β
 * @param minimiser the reward margin r_a − r_b at the minimum as a function of P; NaN where there is no minimum
 */
record Link(String name, String formula, PreferenceLoss loss, Score score, DoubleUnaryOperator minimiser) {

    /** The score of a completion, computed without the objective, so that an error in the objective shows. */
    @FunctionalInterface
    interface Score {

        /** The score of a completion with these log-probabilities under policy and reference. */
        double of(double logPolicy, double logReference);
    }

    /** The reward margin at the numerical minimum of the expected loss; empty if there is none. */
    OptionalDouble measured(TwoAnswers answers, double beta) {
        double[] reference = answers.reference();
        Optional<double[]> logPolicy = answers.minimiser(loss);
        return logPolicy.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(beta
                        * (score.of(logPolicy.get()[0], Math.log(reference[0]))
                                - score.of(logPolicy.get()[1], Math.log(reference[1]))));
    }

    /** The same in closed form. */
    double expected(double probability) {
        return minimiser.applyAsDouble(probability);
    }
}
