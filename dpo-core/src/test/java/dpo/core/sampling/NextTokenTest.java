package dpo.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.random.RandomStreams;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextTokenTest {

    private static final Offset<Double> ROUNDING = within(1e-14);

    /** Probabilities 0.1, 0.4, 0.2, 0.3, and one impossible token; logits are known up to a constant. */
    private static final NextToken TOKENS = new NextToken(new double[] {
        7 + Math.log(0.1), 7 + Math.log(0.4), 7 + Math.log(0.2), 7 + Math.log(0.3), Double.NEGATIVE_INFINITY
    });

    @Test
    void at_temperature_one_without_a_cut_tokens_have_the_probabilities_of_the_policy() {
        assertThat(probabilities(1, 1)).containsExactly(new double[] {0.1, 0.4, 0.2, 0.3, 0}, ROUNDING);
        assertThat(TOKENS.logProb(2)).isCloseTo(Math.log(0.2), ROUNDING);
        assertThat(TOKENS.logProb(4)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void at_temperature_t_probabilities_are_raised_to_the_power_of_one_over_t() {
        // Squares: 0.01, 0.16, 0.04, 0.09, of 0.3.
        assertThat(probabilities(0.5, 1))
                .containsExactly(new double[] {1 / 30.0, 16 / 30.0, 4 / 30.0, 9 / 30.0, 0}, ROUNDING);
    }

    @Test
    void the_nucleus_is_the_fewest_most_probable_tokens_that_hold_the_share() {
        assertThat(probabilities(1, 0.65)).containsExactly(new double[] {0, 4 / 7.0, 0, 3 / 7.0, 0}, ROUNDING);
        assertThat(probabilities(1, 0.75)).containsExactly(new double[] {0, 4 / 9.0, 2 / 9.0, 3 / 9.0, 0}, ROUNDING);
        assertThat(probabilities(1, 1e-9)).containsExactly(new double[] {0, 1, 0, 0, 0}, ROUNDING);
        // Temperature first: 16/30 alone is not 0.6, with 9/30 it is.
        assertThat(probabilities(0.5, 0.6)).containsExactly(new double[] {0, 16 / 25.0, 0, 9 / 25.0, 0}, ROUNDING);
    }

    @Test
    void the_smallest_ids_remain_among_equal_tokens_at_the_boundary_of_the_nucleus() {
        NextToken equal = new NextToken(new double[] {0, 1, 0, 0, 0});
        double[] cut = equal.probabilities(new Sampling(1, 1, 0.5));
        double e = Math.E;
        assertThat(cut).containsExactly(new double[] {1 / (e + 1), e / (e + 1), 0, 0, 0}, ROUNDING);
    }

    @Test
    void a_nucleus_of_many_tokens_is_the_one_that_sorting_all_of_them_gives() {
        RandomGenerator random = new RandomStreams(1).stream("logits");
        double[] logits = random.doubles(2000, -8, 8).toArray();
        for (double share : new double[] {0.05, 0.5, 0.9, 0.999}) {
            double[] all = new NextToken(logits).probabilities(Sampling.plain(1));
            int[] ranked = IntStream.range(0, all.length)
                    .boxed()
                    .sorted((a, b) -> Double.compare(all[b], all[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            double held = 0;
            int kept = 0;
            while (held < share) {
                held += all[ranked[kept++]];
            }
            double[] cut = new NextToken(logits).probabilities(new Sampling(1, 1, share));
            assertThat(Arrays.stream(cut).filter(p -> p > 0).count()).isEqualTo(kept);
            assertThat(cut[ranked[kept - 1]]).isCloseTo(all[ranked[kept - 1]] / held, within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "0.5, 1", "2, 0.8"})
    void tokens_are_drawn_with_their_probability(double temperature, double topP) {
        Sampling settings = new Sampling(1, temperature, topP);
        RandomGenerator random = new RandomStreams(3).stream("draws");
        int draws = 100_000;
        double[] counts = new double[5];
        for (int i = 0; i < draws; i++) {
            counts[TOKENS.draw(settings, random)]++;
        }
        double[] expected = TOKENS.probabilities(settings);
        for (int token = 0; token < 5; token++) {
            double deviation = Math.sqrt(expected[token] * (1 - expected[token]) / draws);
            assertThat(counts[token] / draws).isCloseTo(expected[token], within(4 * deviation + 1e-12));
        }
    }

    @Test
    void temperature_zero_selects_the_most_probable_token_without_random_numbers() {
        RandomGenerator none = () -> {
            throw new AssertionError("no number must be taken");
        };
        assertThat(TOKENS.draw(Sampling.greedy(1), none)).isEqualTo(1);
        assertThat(new NextToken(new double[] {1, 3, 3}).draw(Sampling.greedy(1), none))
                .isEqualTo(1);
        assertThat(probabilities(0, 1)).containsExactly(0, 1, 0, 0, 0);
    }

    @Test
    void tiny_temperatures_and_large_logits_do_not_overflow() {
        NextToken great = new NextToken(new double[] {1e4, 1e4 + 1, -1e4});
        assertThat(great.probabilities(new Sampling(1, 1e-300, 0.5))).containsExactly(0, 1, 0);
        assertThat(great.logProb(2)).isCloseTo(-2e4 - Math.log(1 + Math.E), within(1e-9));
    }

    @Test
    void invalid_distributions_and_settings_out_of_range_are_refused() {
        assertThatThrownBy(() -> new NextToken(new double[] {0, Double.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got a log-sum-exp of NaN");
        assertThatThrownBy(() -> new NextToken(new double[] {Double.NEGATIVE_INFINITY}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sampling(0, 1, 1)).hasMessage("max_new_tokens must be at least 1, got 0");
        assertThatThrownBy(() -> new Sampling(1, -1, 1)).hasMessageContaining("temperature must be at least 0");
        assertThatThrownBy(() -> new Sampling(1, Double.NaN, 1)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new Sampling(1, 1, 0)).hasMessageContaining("top_p must be positive");
        assertThatThrownBy(() -> new Sampling(1, 1, 1.5)).hasMessageContaining("top_p must be in [0.0, 1.0]");
    }

    private static double[] probabilities(double temperature, double topP) {
        return TOKENS.probabilities(new Sampling(1, temperature, topP));
    }
}
