package dpo.lab.bandit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Experiment;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers computed outside of this library: at the default settings, and at others by another algorithm. */
class BanditExperimentsTest {

    private static void assertNumbers(List<Double> actual, Offset<Double> offset, double... expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i)).as("number " + i + " of " + actual).isCloseTo(expected[i], offset);
        }
    }

    @Test
    void at_every_beta_dpo_has_the_loss_and_the_rewards_of_the_reward_model_and_the_policy_of_rlhf() {
        Measured measured = Measured.of(BetaInvariance.class, Map.of());
        assertNumbers(measured.list("loss"), within(1e-9), .547164241, .547164241, .547164241);
        assertNumbers(
                measured.list("reward_gaps"),
                within(1e-9),
                .739894288,
                1.719211622,
                .739894288,
                1.719211622,
                .739894288,
                1.719211622);
        assertNumbers(measured.list("kl"), within(1e-7), 1.0128989, .2398153, .0494875);
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS);
    }

    /** Rewards by Zermelo's iteration of strengths. */
    @Test
    void beta_does_not_matter_for_four_answers_in_unequal_numbers_of_pairs_either() {
        Measured measured = Measured.of(
                BetaInvariance.class,
                Map.of(
                        "reference", "[0.1, 0.2, 0.3, 0.4]",
                        "first", "[0, 1, 2, 3, 0]",
                        "second", "[1, 2, 3, 0, 2]",
                        "first_wins", "[9, 5, 12, 4, 7]",
                        "judged", "[20, 30, 25, 10, 15]",
                        "betas", "[0.3, 4]"));
        assertNumbers(measured.list("loss"), within(1e-9), 0.6487825348623353, 0.6487825348623353);
        assertNumbers(
                measured.list("reward_gaps").subList(3, 6),
                within(1e-8),
                -0.4502721234733932,
                0.5251422398235748,
                0.3181927773009222);
        assertNumbers(measured.list("kl"), within(1e-8), 0.27388469911771257, 0.0037061520269189036);
    }

    @Test
    void pairs_without_a_most_likely_reward_are_refused() {
        assertRefused(BetaInvariance.class, Map.of("first_wins", "[40, 40, 11]"), "first_wins must lead by wins");
        assertRefused(BetaInvariance.class, Map.of("second", "[1, 2, 3]"), "second must be an answer of the reference");
        assertRefused(BetaInvariance.class, Map.of("judged", "[40]"), "judged must hold one number per pair");
    }

    private static void assertRefused(Class<? extends Experiment> type, Map<String, String> settings, String message) {
        assertThatThrownBy(() -> Measured.of(type, settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    /** The last three by SciPy's binomial distribution and regrets as differences of J. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 100, .5034991, .5",
        "1, 1, 1, 1000, .5003414, .5",
        "4, 1, 1, 1000, .1964213, .1961482",
        ".1, 2, .5, 1000, 1.2392774, 1.2461634",
        "2, -0.7, 0.3, 50, 1.0015423134957215, 1.0227421997222559",
        "3, 1.5, 2, 100000, 0.19701146187511767, 0.19700459082613722",
        "1, 0, 1, 20, 0.5134486657806415, 0.5"
    })
    void the_number_of_pairs_times_the_expected_regret_tends_to_its_limit(
            String ratio, String gap, String beta, String pairs, double scaled, double limit) {
        Measured measured = Measured.of(
                SampleComplexity.class,
                Map.of("reference_ratio", ratio, "reward_gap", gap, "beta", beta, "pairs", pairs));
        assertThat(measured.number("scaled_regret")).isCloseTo(scaled, within(6e-8));
        assertThat(measured.number("limit")).isCloseTo(limit, within(6e-8));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS);
    }

    /** Three pairs: k is 1 or 2, with probabilities 3 s (1−s)² and 3 s² (1−s). */
    @Test
    void the_expected_regret_of_three_pairs_is_that_computed_by_hand() {
        double s = 1 / (1 + Math.exp(-1));
        double logistic = Math.log(2);
        double first = regret(-logistic, 1);
        double second = regret(logistic, 1);
        Measured measured = Measured.of(
                SampleComplexity.class, Map.of("reference_ratio", "1", "reward_gap", "1", "beta", "1", "pairs", "3"));
        assertThat(measured.number("scaled_regret"))
                .isCloseTo(3 * (3 * s * (1 - s) * (1 - s) * first + 3 * s * s * (1 - s) * second), within(1e-12));
    }

    /** KL(Bernoulli(σ(x)) ‖ Bernoulli(σ(y))). */
    private static double regret(double x, double y) {
        double p = 1 / (1 + Math.exp(-x));
        double q = 1 / (1 + Math.exp(-y));
        return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }

    @Test
    void gradient_descent_converges_below_the_critical_step_size_and_not_above() {
        Measured measured = Measured.of(Convergence.class, Map.of());
        assertNumbers(measured.list("eigenvalues"), within(5e-8), .0521824, .2078762);
        assertThat(measured.number("critical_step")).isCloseTo(9.621112, within(1e-6));
        assertThat(measured.number("steps")).isEqualTo(27);
        assertThat(measured.number("kl_of_random_starts")).isLessThan(1e-12);
        assertThat(measured.number("kl_above")).isCloseTo(9.57e-3, within(5e-6));
    }

    /** Eigenvalues by NumPy of the numerical Hessian; two answers have the one eigenvalue 2 β² σ′(d). */
    @Test
    void the_critical_step_size_is_two_divided_by_the_largest_eigenvalue() {
        Measured four = Measured.of(
                Convergence.class,
                Map.of("reference", "[0.4, 0.3, 0.2, 0.1]", "rewards", "[0.5, 2, 0, 1]", "beta", "0.5"));
        assertNumbers(
                four.list("eigenvalues"), within(1e-9), 1.781542409215e-02, 2.577436144772e-02, 4.530768803094e-02);
        assertThat(four.number("critical_step")).isCloseTo(44.14261876779574, within(1e-5));
        Measured two =
                Measured.of(Convergence.class, Map.of("reference", "[0.9, 0.1]", "rewards", "[0, 1.5]", "beta", "0.3"));
        double curvature = Math.exp(-1.5) / Math.pow(1 + Math.exp(-1.5), 2);
        assertThat(two.number("critical_step")).isCloseTo(1 / (0.09 * curvature), within(1e-5));
    }

    @Test
    void ipo_has_the_larger_win_rate_and_the_frontier_the_larger_reward() {
        Measured measured = Measured.of(IpoWinRate.class, Map.of());
        assertThat(measured.number("ipo_reward")).isCloseTo(4.1896036, within(6e-8));
        assertThat(measured.number("frontier_reward")).isCloseTo(4.7199574, within(6e-8));
        assertThat(measured.number("ipo_win_rate")).isCloseTo(.8203027, within(6e-8));
        assertThat(measured.number("frontier_win_rate")).isCloseTo(.7983649, within(6e-8));
    }

    /** By maximising win rate and reward over all policies of this KL, with SLSQP. */
    @Test
    void no_policy_of_the_same_kl_has_a_larger_win_rate_than_ipo_or_a_larger_reward_than_the_frontier() {
        Measured measured = Measured.of(
                IpoWinRate.class,
                Map.of("reference", "[0.4, 0.3, 0.2, 0.1]", "rewards", "[1, -1, 0.5, 2]", "kl", "0.5"));
        assertThat(measured.number("ipo_win_rate")).isCloseTo(0.666004017796603, within(1e-8));
        assertThat(measured.number("ipo_reward")).isCloseTo(1.2977919831465274, within(1e-6));
        assertThat(measured.number("frontier_reward")).isCloseTo(1.2980817921491516, within(1e-8));
        assertThat(measured.number("frontier_win_rate")).isCloseTo(0.6659510880804942, within(1e-6));
    }

    @Test
    void a_kl_that_no_policy_on_the_frontier_has_is_refused() {
        assertRefused(IpoWinRate.class, Map.of("kl", "5"), "kl must be above 0 and below that of the best answers");
        assertRefused(IpoWinRate.class, Map.of("rewards", "[1, 1, 1]"), "kl must be above 0");
    }

    @Test
    void chosen_answers_become_less_likely_at_every_beta_and_on_average_at_a_small_one() {
        Measured measured = Measured.of(LikelihoodDisplacement.class, Map.of("betas", "[0.5, 1, 3]"));
        assertNumbers(measured.list("share_below"), within(5e-8), .4627148, .4627148, .4627148);
        assertNumbers(measured.list("mean_chosen_log_ratio").subList(0, 2), within(5e-8), -.2285118, .0989101);
    }

    /** By enumeration of all pairs. */
    @Test
    void displacement_of_four_unequally_likely_answers_is_that_of_the_optimum() {
        Measured measured = Measured.of(
                LikelihoodDisplacement.class,
                Map.of("reference", "[0.4, 0.3, 0.2, 0.1]", "rewards", "[0.5, 2, 0, 1]", "betas", "[0.25, 3]"));
        assertNumbers(measured.list("share_below"), within(1e-9), 0.506032802340542, 0.506032802340542);
        assertNumbers(measured.list("mean_chosen_log_ratio"), within(1e-8), -1.8140772992961514, 0.08204562711959587);
    }

    @Test
    void preferences_in_a_circle_leave_the_policy_at_the_reference() {
        Measured three = Measured.of(CyclicPreferences.class, Map.of());
        assertNumbers(three.list("policy").subList(0, 3), within(1e-9), .5, .3, .2);
        assertNumbers(three.list("loss"), within(1e-12), Math.log(2), Math.log(2), Math.log(2));
        assertThat(three.number("label_entropy")).isCloseTo(.5004, within(5e-5));
        Measured five = Measured.of(
                CyclicPreferences.class,
                Map.of("reference", "[1, 2, 3, 4, 10]", "probability", "0.3", "betas", "[0.7]"));
        assertNumbers(five.list("policy"), within(1e-9), .05, .1, .15, .2, .5);
        assertThat(five.number("label_entropy")).isCloseTo(.6108643, within(5e-8));
    }
}
