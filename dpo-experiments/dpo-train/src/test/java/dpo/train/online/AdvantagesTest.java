package dpo.train.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AdvantagesTest {

    private static final double[] REWARDS = {1, -2, 4};
    /** The last number, after the completion, must not matter. */
    private static final double[] VALUES = {0.5, 3, -1, 1e9};

    @Test
    void with_lambda_1_an_advantage_is_the_monte_carlo_return_less_the_value() {
        double gamma = 0.5;
        double[] returns = {1 + 0.5 * -2 + 0.25 * 4, -2 + 0.5 * 4, 4};
        double[] advantages = Advantages.generalised(REWARDS, VALUES, gamma, 1);
        for (int t = 0; t < 3; t++) {
            assertThat(advantages[t]).isCloseTo(returns[t] - VALUES[t], within(1e-14));
        }
    }

    @Test
    void with_lambda_0_an_advantage_is_the_temporal_difference() {
        double[] advantages = Advantages.generalised(REWARDS, VALUES, 0.9, 0);
        assertThat(advantages)
                .containsExactly(new double[] {1 + 0.9 * 3 - 0.5, -2 + 0.9 * -1 - 3, 4 + 1}, within(1e-14));
    }

    @Test
    void between_them_later_differences_are_discounted_by_gamma_lambda() {
        double[] differences = Advantages.generalised(REWARDS, VALUES, 0.9, 0);
        double[] advantages = Advantages.generalised(REWARDS, VALUES, 0.9, 0.7);
        assertThat(advantages[0])
                .isCloseTo(differences[0] + 0.63 * differences[1] + 0.63 * 0.63 * differences[2], within(1e-14));
    }

    @Test
    void whitened_advantages_have_mean_0_and_variance_1_over_all_tokens() {
        double[][] whitened = Advantages.whitened(new double[][] {{1, 2}, {}, {4, 9, -3}});
        double[] all = Arrays.stream(whitened).flatMapToDouble(Arrays::stream).toArray();
        assertThat(Arrays.stream(all).sum()).isCloseTo(0, within(1e-12));
        assertThat(Arrays.stream(all).map(each -> each * each).average().orElseThrow())
                .isCloseTo(1, within(1e-8));
        assertThat(whitened[2]).hasSize(3);
        assertThat(Advantages.whitened(new double[][] {{5}, {5}})[1][0]).isZero();
    }

    @Test
    void a_completion_is_compared_with_the_mean_of_the_others_of_its_prompt() {
        assertThat(Advantages.leaveOneOut(new double[] {1, 2, 6, 10, 10, 10}, 3))
                .containsExactly(new double[] {1 - 4, 2 - 3.5, 6 - 1.5, 0, 0, 0}, within(1e-14));
    }

    /**
     * The expectation over all pairs of completions of {@code ½ Σ_i A_i ∇ log π(y_i)}, with the divergence in the return,
     * is the gradient of {@code E[r] − β KL} by the logits.
     */
    @Test
    void the_leave_one_out_estimate_of_the_gradient_is_unbiased() {
        MarkovShape shape = new MarkovShape(3, 2, 1);
        ControlledWorld world = ControlledWorld.random(shape, 1, 1.5, 4);
        double beta = 0.3;
        double[] logits = new double[shape.entries()];
        SplittableRandom random = new SplittableRandom(5);
        Arrays.setAll(logits, i -> random.nextDouble() * 2 - 1);
        MarkovPolicy policy = MarkovPolicy.ofLogits(shape, logits);
        List<int[]> completions = completions(shape);
        assertThat(completions.stream()
                        .mapToDouble(y -> Math.exp(logProb(policy, y)))
                        .sum())
                .isCloseTo(1, within(1e-14));
        double[] mean = new double[logits.length];
        for (int[] first : completions) {
            for (int[] second : completions) {
                double probability = Math.exp(logProb(policy, first) + logProb(policy, second));
                double[] advantages = Advantages.leaveOneOut(
                        new double[] {value(world, policy, beta, first), value(world, policy, beta, second)}, 2);
                addScore(mean, policy, first, probability * advantages[0] / 2);
                addScore(mean, policy, second, probability * advantages[1] / 2);
            }
        }
        for (int i = 0; i < logits.length; i++) {
            assertThat(mean[i]).isCloseTo(derivative(world, logits, beta, i), within(1e-8));
        }
    }

    private static List<int[]> completions(MarkovShape shape) {
        List<int[]> completions = new ArrayList<>(List.of(new int[] {MarkovShape.END}));
        for (int first = 1; first < shape.vocabulary(); first++) {
            for (int second = 0; second < shape.vocabulary(); second++) {
                completions.add(new int[] {first, second});
            }
        }
        return completions;
    }

    private static double logProb(MarkovPolicy policy, int[] completion) {
        double sum = 0;
        int state = 0;
        for (int token : completion) {
            sum += policy.logProb(state * policy.shape().vocabulary() + token);
            state = policy.shape().next(state, token);
        }
        return sum;
    }

    private static double value(ControlledWorld world, MarkovPolicy policy, double beta, int[] completion) {
        return world.reward(0, completion)
                - beta * (logProb(policy, completion) - logProb(world.reference(), completion));
    }

    private static void addScore(double[] into, MarkovPolicy policy, int[] completion, double weight) {
        int vocabulary = policy.shape().vocabulary();
        int state = 0;
        for (int token : completion) {
            for (int other = 0; other < vocabulary; other++) {
                into[state * vocabulary + other] -= weight * Math.exp(policy.logProb(state * vocabulary + other));
            }
            into[state * vocabulary + token] += weight;
            state = policy.shape().next(state, token);
        }
    }

    private static double derivative(ControlledWorld world, double[] logits, double beta, int index) {
        return (objective(world, logits, beta, index, 1e-5) - objective(world, logits, beta, index, -1e-5)) / 2e-5;
    }

    private static double objective(ControlledWorld world, double[] logits, double beta, int index, double change) {
        double[] moved = logits.clone();
        moved[index] += change;
        var point = world.evaluate(MarkovPolicy.ofLogits(world.shape(), moved));
        return point.reward() - beta * point.kl();
    }
}
