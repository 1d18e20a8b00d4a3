package dpo.core.world;

import static dpo.core.numeric.LogSpace.logSumExp;
import static dpo.core.numeric.LogSpace.sigmoid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlledWorldTest {

    private static final MarkovShape TINY = new MarkovShape(3, 3, 2);
    private final ControlledWorld world = ControlledWorld.random(TINY, 1.3, 0.8, 11);

    @Test
    void a_world_with_completions_of_one_token_has_the_reward_and_divergence_computed_by_hand() {
        MarkovShape coin = new MarkovShape(2, 1, 1);
        ControlledWorld fair = new ControlledWorld(coin, new double[] {0, 0}, new double[] {0, 1});
        MarkovPolicy biased = MarkovPolicy.ofLogits(coin, new double[] {0, Math.log(3)});
        RewardAndKl point = fair.evaluate(biased);
        assertThat(point.reward()).isCloseTo(0.75, within(1e-15));
        assertThat(point.kl()).isCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), within(1e-15));
        // π* at β = 1/log 3 multiplies the rewarded token by e^(log 3) = 3, which gives this policy.
        RewardAndKl optimum = fair.evaluate(fair.optimum(1 / Math.log(3)));
        assertThat(optimum.reward()).isCloseTo(point.reward(), within(1e-15));
        assertThat(optimum.kl()).isCloseTo(point.kl(), within(1e-15));
    }

    @Test
    void probabilities_of_the_completions_of_a_policy_sum_to_one() {
        for (int prompt = 0; prompt < TINY.prompts(); prompt++) {
            int x = prompt;
            assertThat(logSumExp(Completions.all(TINY).stream()
                            .mapToDouble(y -> Completions.logProb(world.reference(), x, y))
                            .toArray()))
                    .isCloseTo(0, within(1e-14));
        }
    }

    @Test
    void expectations_by_dynamic_programming_equal_those_by_enumeration() {
        MarkovPolicy policy = ControlledWorld.random(TINY, 2.0, 0, 5).reference();
        double reward = 0;
        double kl = 0;
        for (int prompt = 0; prompt < TINY.prompts(); prompt++) {
            for (int[] completion : Completions.all(TINY)) {
                double logProb = Completions.logProb(policy, prompt, completion);
                double share = Math.exp(logProb) / TINY.prompts();
                reward += share * world.reward(prompt, completion);
                kl += share * (logProb - Completions.logProb(world.reference(), prompt, completion));
            }
        }
        assertThat(world.evaluate(policy).reward()).isCloseTo(reward, within(1e-13));
        assertThat(world.evaluate(policy).kl()).isCloseTo(kl, within(1e-13));
        assertThat(kl).isGreaterThan(0.1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.5, 2, 100})
    void the_optimum_is_the_reference_tilted_by_the_exponential_of_the_reward(double beta) {
        MarkovPolicy optimum = world.optimum(beta);
        for (int prompt = 0; prompt < TINY.prompts(); prompt++) {
            List<int[]> completions = Completions.all(TINY);
            double[] tilted = new double[completions.size()];
            for (int i = 0; i < tilted.length; i++) {
                tilted[i] = Completions.logProb(world.reference(), prompt, completions.get(i))
                        + world.reward(prompt, completions.get(i)) / beta;
            }
            for (int i = 0; i < tilted.length; i++) {
                assertThat(Completions.logProb(optimum, prompt, completions.get(i)))
                        .isCloseTo(tilted[i] - logSumExp(tilted), within(1e-11));
            }
        }
    }

    @Test
    void the_optimum_at_infinite_beta_is_the_reference_and_the_reference_has_no_divergence_from_itself() {
        RewardAndKl reference = world.evaluate(world.reference());
        RewardAndKl limit = world.evaluate(world.optimum(Double.POSITIVE_INFINITY));
        assertThat(reference.kl()).isZero();
        assertThat(limit.kl()).isCloseTo(0, within(1e-15));
        assertThat(limit.reward()).isCloseTo(reference.reward(), within(1e-14));
    }

    @Test
    void the_optimum_at_a_tiny_beta_has_the_largest_possible_reward() {
        double best = 0;
        for (int prompt = 0; prompt < TINY.prompts(); prompt++) {
            int x = prompt;
            best += Completions.all(TINY).stream()
                            .mapToDouble(y -> world.reward(x, y))
                            .max()
                            .orElseThrow()
                    / TINY.prompts();
        }
        RewardAndKl greedy = world.evaluate(world.optimum(1e-3));
        assertThat(greedy.reward()).isCloseTo(best, within(1e-9));
        assertThat(greedy.kl()).isBetween(0.1, 20.0);
    }

    @Test
    void reward_and_divergence_of_the_optimum_fall_as_beta_grows() {
        double[] betas = {1e-3, 1e-2, 0.1, 0.3, 1, 3, 10, 100, 1e6};
        RewardAndKl last = world.evaluate(world.optimum(betas[0]));
        for (double beta : Arrays.copyOfRange(betas, 1, betas.length)) {
            RewardAndKl point = world.evaluate(world.optimum(beta));
            assertThat(point.reward()).isLessThanOrEqualTo(last.reward() + 1e-12);
            assertThat(point.kl()).isLessThanOrEqualTo(last.kl() + 1e-12);
            last = point;
        }
    }

    @Test
    void no_policy_exceeds_the_frontier() {
        double beta = 0.4;
        RewardAndKl best = world.evaluate(world.optimum(beta));
        for (long seed = 0; seed < 50; seed++) {
            RewardAndKl other =
                    world.evaluate(ControlledWorld.random(TINY, 3, 0, seed).reference());
            assertThat(other.reward() - beta * other.kl()).isLessThan(best.reward() - beta * best.kl());
        }
    }

    @Test
    void equal_seeds_give_equal_worlds_and_other_seeds_give_others() {
        ControlledWorld again = ControlledWorld.random(TINY, 1.3, 0.8, 11);
        assertThat(again.referenceLogits()).containsExactly(world.referenceLogits());
        assertThat(again.reward(1, new int[] {2, 1, 0})).isEqualTo(world.reward(1, new int[] {2, 1, 0}));
        assertThat(ControlledWorld.random(TINY, 1.3, 0.8, 12).referenceLogits()).isNotEqualTo(world.referenceLogits());
    }

    @Test
    void the_reward_of_a_transition_is_the_same_at_every_position() {
        MarkovShape longer = new MarkovShape(3, 5, 1);
        ControlledWorld random = ControlledWorld.random(longer, 1, 1, 3);
        double early = random.reward(0, new int[] {1, 2, 1}) - random.reward(0, new int[] {1, 2});
        double late = random.reward(0, new int[] {1, 2, 2, 2, 1}) - random.reward(0, new int[] {1, 2, 2, 2});
        assertThat(late).isCloseTo(early, within(1e-14));
        assertThat(Math.abs(early)).isGreaterThan(1e-3);
    }

    @Test
    void completions_are_sampled_with_the_probabilities_of_the_reference() {
        int draws = 20_000;
        var random = new RandomStreams(1).stream("test");
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < draws; i++) {
            counts.merge(Arrays.toString(world.reference().sample(1, random)), 1, Integer::sum);
        }
        for (int[] completion : Completions.all(TINY)) {
            double p = Math.exp(Completions.logProb(world.reference(), 1, completion));
            double share = counts.getOrDefault(Arrays.toString(completion), 0) / (double) draws;
            assertThat(share).isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / draws) + 1e-4));
        }
    }

    @Test
    void labels_follow_bradley_and_terry() {
        int draws = 20_000;
        List<Preference> pairs = world.samplePairs(draws, new RandomStreams(2).stream("test"));
        double preferredMore = 0;
        double expected = 0;
        double variance = 0;
        for (Preference pair : pairs) {
            double gap = reward(pair.first()) - reward(pair.rejected());
            double probability = sigmoid(Math.abs(gap));
            preferredMore += gap > 0 ? 1 : 0;
            expected += probability;
            variance += probability * (1 - probability);
        }
        assertThat(preferredMore).isCloseTo(expected, within(5 * Math.sqrt(variance)));
        assertThat(expected / draws).isBetween(0.6, 0.95);
    }

    @Test
    void sampled_pairs_share_their_prompt_differ_and_have_unequal_lengths() {
        List<Preference> pairs = world.samplePairs(200, new RandomStreams(3).stream("test"));
        assertThat(pairs).allSatisfy(pair -> {
            assertThat(pair.first().id(0)).isEqualTo(pair.rejected().id(0)).isBetween(3, 4);
            assertThat(pair.first()).isNotEqualTo(pair.rejected());
        });
        assertThat(pairs).extracting(pair -> pair.first().id(0)).contains(3, 4);
        assertThat(pairs).extracting(pair -> pair.first().scoredTokens()).contains(1, 2, 3);
        assertThat(pairs).extracting(Preference::id).doesNotHaveDuplicates();
        assertThat(pairs).isEqualTo(world.samplePairs(200, new RandomStreams(3).stream("test")));
    }

    @Test
    void a_world_with_one_completion_has_no_pairs_and_reports_it() {
        ControlledWorld sure = new ControlledWorld(new MarkovShape(2, 1, 1), new double[] {900, 0}, new double[2]);
        assertThatThrownBy(() -> sure.samplePairs(1, new RandomStreams(0).stream("test")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sharpness");
    }

    @Test
    void a_beta_that_is_not_positive_is_refused() {
        for (double beta : new double[] {0, -1, Double.NaN}) {
            assertThatThrownBy(() -> world.optimum(beta)).hasMessage("beta must be positive, got " + beta);
        }
    }

    @Test
    void tables_and_policies_of_another_shape_are_refused() {
        assertThatThrownBy(() -> new ControlledWorld(TINY, new double[TINY.entries()], new double[1]))
                .hasMessageContaining("rewards must hold one number per entry (" + TINY.entries() + "), got 1");
        assertThatThrownBy(() -> MarkovPolicy.ofLogits(TINY, new double[2])).hasMessageContaining("logits must hold");
        MarkovPolicy other =
                ControlledWorld.random(new MarkovShape(3, 3, 1), 1, 1, 0).reference();
        assertThatThrownBy(() -> world.evaluate(other)).hasMessageContaining("policy must have the world's shape");
    }

    private double reward(TokenSequence sequence) {
        return world.reward(sequence.id(0) - TINY.vocabulary(), sequence.scoredIds());
    }
}
