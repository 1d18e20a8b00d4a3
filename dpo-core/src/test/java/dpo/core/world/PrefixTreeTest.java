package dpo.core.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrefixTreeTest {

    private static final MarkovShape SHAPE = new MarkovShape(4, 4, 3);
    private final ControlledWorld world = ControlledWorld.random(SHAPE, 1.2, 0.9, 7);
    private final PrefixTree tree = new PrefixTree(world);

    /** The table of a Markov policy, which gives prompts no probability. */
    private double[] table(MarkovPolicy policy) {
        double[] table = new double[tree.entries()];
        List<TokenSequence> sequences = tree.sequences();
        for (int i = 0; i < sequences.size(); i++) {
            TokenSequence sequence = sequences.get(i);
            double[] logProbs = new double[sequence.length() * tree.tokens()];
            Arrays.fill(logProbs, Double.NEGATIVE_INFINITY);
            int state = sequence.id(0) - SHAPE.vocabulary();
            for (int length = 0; length < sequence.length(); length++) {
                for (int token = 0; token < SHAPE.vocabulary(); token++) {
                    logProbs[length * tree.tokens() + token] = policy.logProb(state * SHAPE.vocabulary() + token);
                }
                state = length + 1 < sequence.length() ? SHAPE.next(state, sequence.id(length + 1)) : state;
            }
            tree.put(table, i, logProbs, 0);
        }
        return table;
    }

    private static void assertClose(RewardAndKl actual, RewardAndKl expected) {
        assertThat(actual.reward()).isCloseTo(expected.reward(), within(1e-12));
        assertThat(actual.kl()).isCloseTo(expected.kl(), within(1e-12));
    }

    @Test
    void a_markov_policy_has_the_reward_divergence_and_optimum_of_the_controlled_world() {
        MarkovPolicy policy = ControlledWorld.random(SHAPE, 2, 0, 5).reference();
        ExactEvaluation exact = tree.evaluation(() -> table(policy), table(world.reference()));
        assertClose(exact.policy(), world.evaluate(policy));
        for (double beta : new double[] {0.05, 0.7, 20, Double.POSITIVE_INFINITY}) {
            assertClose(exact.optimum(beta), world.evaluate(world.optimum(beta)));
        }
    }

    @Test
    void a_token_outside_of_completions_ends_a_completion_without_a_reward_of_its_own() {
        MarkovShape shape = new MarkovShape(2, 2, 1);
        double[] rewards = {0, 1, 0, 4}; // prompt → END, prompt → 1, 1 → END, 1 → 1
        PrefixTree small = new PrefixTree(new ControlledWorld(shape, new double[4], rewards));
        // The last token of each row is the prompt's.
        double[] policy = logs(0.2, 0.5, 0.3, 0.1, 0.8, 0.1);
        double[] reference = logs(0.25, 0.5, 0.25, 0.25, 0.5, 0.25);
        RewardAndKl point = small.evaluate(policy, reference);
        assertThat(point.reward()).isCloseTo(0.5 * (1 + 0.8 * 4), within(1e-15));
        double ofSecond = 2 * 0.1 * Math.log(0.4) + 0.8 * Math.log(1.6);
        assertThat(point.kl()).isCloseTo(0.2 * Math.log(0.8) + 0.3 * Math.log(1.2) + 0.5 * ofSecond, within(1e-15));
    }

    @Test
    void the_reward_of_a_sequence_is_that_of_the_tokens_up_to_the_end_of_its_completion() {
        double reward = world.reward(1, new int[] {2, 3});
        assertThat(reward(5, 2, 3)).isEqualTo(reward);
        assertThat(reward(5, 2, 3, 6, 1)).as("a prompt in place of a token").isEqualTo(reward);
        assertThat(reward(5, 2, 3, 0, 1)).as("a token after the end").isEqualTo(world.reward(1, new int[] {2, 3, 0}));
        assertThat(reward(5, 4, 1)).isZero();
        assertThatThrownBy(() -> reward(2, 3)).hasMessage("first token must be a prompt in [4, 7), got 2");
    }

    private double reward(int prompt, int... completion) {
        return tree.reward(TokenSequence.of(new int[] {prompt}, completion));
    }

    private static double[] logs(double... probabilities) {
        return Arrays.stream(probabilities).map(Math::log).toArray();
    }

    @Test
    void no_policy_near_the_optimum_has_a_higher_reward_less_penalty() {
        double[] reference = table(ControlledWorld.random(SHAPE, 0.5, 0, 3).reference());
        double beta = 0.6;
        double[] optimum = tree.optimum(reference, beta);
        double best = value(optimum, reference, beta);
        var random = new RandomStreams(1).stream("directions");
        for (int i = 0; i < 20; i++) {
            double[] other = optimum.clone();
            int first = random.nextInt(other.length / tree.tokens()) * tree.tokens();
            double[] logits = new double[SHAPE.vocabulary()];
            Arrays.setAll(logits, token -> optimum[first + token] + 0.3 * random.nextGaussian());
            double normalizer = LogSpace.logSumExp(logits);
            for (int token = 0; token < logits.length; token++) {
                other[first + token] = logits[token] - normalizer;
            }
            assertThat(value(other, reference, beta)).isLessThan(best);
        }
    }

    private double value(double[] policy, double[] reference, double beta) {
        RewardAndKl point = tree.evaluate(policy, reference);
        return point.reward() - beta * point.kl();
    }

    @Test
    void a_world_with_too_many_prefixes_or_single_tokens_is_refused() {
        assertThatThrownBy(() -> PrefixTree.requireSmall(new MarkovShape(8, 8, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 1048576 prefixes times tokens");
        assertThatThrownBy(() -> PrefixTree.requireSmall(new MarkovShape(8, 1, 4)))
                .hasMessage("length must be at least 2, got 1");
        PrefixTree.requireSmall(new MarkovShape(8, 5, 4));
    }
}
