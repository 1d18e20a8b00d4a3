package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.numeric.LogSpace;
import dpo.core.tabular.TabularModel;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class PairInformationTest {

    private static final ControlledWorld SMALL = new TabularModel(3, 3, 2, 5, 1.2, 1.5).world();
    private static final ControlledWorld WORLD = new TabularModel(8, 8, 4, 0, 1, 1).world();

    /** A completion with its probability, true reward and features. */
    private record Completion(double probability, double reward, double[] features) {}

    private static List<Completion> completions(int prompt, MarkovPolicy policy, TransitionFeatures features) {
        List<Completion> all = new ArrayList<>();
        extend(prompt, policy, features, new Completion(1, 0, new double[features.count()]), all);
        return all;
    }

    private static void extend(
            int state, MarkovPolicy policy, TransitionFeatures features, Completion before, List<Completion> all) {
        MarkovShape shape = SMALL.shape();
        for (int token = 0; token < shape.vocabulary(); token++) {
            int entry = state * shape.vocabulary() + token;
            double[] counts = before.features().clone();
            if (features.of(entry) >= 0) {
                counts[features.of(entry)]++;
            }
            Completion longer = new Completion(
                    before.probability() * Math.exp(policy.logProb(entry)),
                    before.reward() + SMALL.rewards()[entry],
                    counts);
            if (shape.next(state, token) == MarkovShape.OVER) {
                all.add(longer);
            } else {
                extend(shape.next(state, token), policy, features, longer, all);
            }
        }
    }

    @Test
    void fisher_information_and_entropy_equal_sums_over_all_pairs() {
        for (TransitionFeatures features :
                List.of(TransitionFeatures.ofPositions(SMALL.shape()), TransitionFeatures.ofTokens(SMALL.shape()))) {
            double[][] expected = new double[features.count()][features.count()];
            double entropy = 0;
            for (int prompt = 0; prompt < 2; prompt++) {
                List<Completion> all = completions(prompt, SMALL.reference(), features);
                double different = 1
                        - all.stream()
                                .mapToDouble(y -> y.probability() * y.probability())
                                .sum();
                for (Completion a : all) {
                    for (Completion b : all) {
                        double probability = a == b ? 0 : a.probability() * b.probability() / different / 2;
                        double right = LogSpace.sigmoid(a.reward() - b.reward());
                        entropy -= probability * (right * Math.log(right) + (1 - right) * Math.log(1 - right));
                        addSquare(expected, a, b, probability * right * (1 - right));
                    }
                }
            }
            PairInformation information = new PairInformation(SMALL);
            assertClose(information.fisher(features), expected);
            assertThat(information.bayesLoss()).isCloseTo(entropy, within(1e-13));
        }
    }

    private static void addSquare(double[][] matrix, Completion a, Completion b, double factor) {
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                matrix[i][j] += factor * (a.features()[i] - b.features()[i]) * (a.features()[j] - b.features()[j]);
            }
        }
    }

    private static void assertClose(double[][] actual, double[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).containsExactly(expected[i], within(1e-13));
        }
    }

    @Test
    void the_covariance_is_that_of_the_visits_of_all_completions() {
        TransitionFeatures features = TransitionFeatures.ofPositions(SMALL.shape());
        MarkovPolicy policy = SMALL.optimum(0.7);
        double[][] expected = new double[features.count()][features.count()];
        for (int prompt = 0; prompt < 2; prompt++) {
            List<Completion> all = completions(prompt, policy, features);
            for (Completion a : all) {
                for (Completion b : all) {
                    // Half the squared difference of two independent draws.
                    addSquare(expected, a, b, a.probability() * b.probability() / 4);
                }
            }
        }
        assertClose(new PairInformation(SMALL).covariance(features, policy), expected);
    }

    @Test
    void the_default_world_has_371_and_84_directions_with_the_known_constants_and_entropy() {
        TransitionFeatures positions = TransitionFeatures.ofPositions(WORLD.shape());
        TransitionFeatures tokens = TransitionFeatures.ofTokens(WORLD.shape());
        assertThat(positions.count()).isEqualTo(371);
        assertThat(tokens.count()).isEqualTo(84);
        PairInformation information = new PairInformation(WORLD);
        double[][] fisher = information.fisher(positions);
        double[][] ofTokens = information.fisher(tokens);
        double[] betas = {.2, .5, 1, 2};
        // The published constants of the first class come from a sampled information matrix.
        double[] sampled = {6416, 2929, 1378, 528};
        double[] published = {650, 405, 253, 111};
        for (int i = 0; i < betas.length; i++) {
            assertThat(information.regretLimit(positions, fisher, betas[i]).mean())
                    .isCloseTo(sampled[i], Percentage.withPercentage(1.2));
            assertThat(information.regretLimit(tokens, ofTokens, betas[i]).mean())
                    .isCloseTo(published[i], within(0.51));
        }
        assertThat(information.bayesLoss()).isCloseTo(.3488, within(3e-4));
    }
}
