package dpo.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankedPairsTest {

    @Test
    void all_pairs_of_a_list_are_each_completion_against_those_ranked_after_it() {
        Preference list = list("q", 2.5, List.of(), 4);
        List<Preference> pairs = RankedPairs.ALL.of(list);
        assertThat(pairs.stream().map(Preference::id))
                .containsExactly("q/1-2", "q/1-3", "q/1-4", "q/2-3", "q/2-4", "q/3-4");
        assertThat(pairs.get(4).chosen()).isEqualTo(list.completions().get(1));
        assertThat(pairs.get(4).rejected()).isEqualTo(list.completions().get(3));
        assertThat(pairs).allSatisfy(pair ->
                assertThat(pair.judgement()).isEqualTo(new Judgement(2, List.of(), "source", 2.5 / 6)));
    }

    @Test
    void the_best_against_each_other_is_one_pair_fewer_than_completions() {
        Preference list = list("q", 1, List.of(), 4);
        List<Preference> pairs = RankedPairs.BEST_AGAINST_EACH.of(list);
        assertThat(pairs.stream().map(Preference::id)).containsExactly("q/1-2", "q/1-3", "q/1-4");
        assertThat(pairs).allSatisfy(pair -> {
            assertThat(pair.chosen()).isEqualTo(list.first());
            assertThat(pair.judgement().weight()).isEqualTo(1.0 / 3);
        });
    }

    @Test
    void the_weights_of_the_pairs_sum_to_the_weight_of_the_list_however_long_it_is() {
        for (RankedPairs pairs : RankedPairs.values()) {
            for (int completions = 2; completions < 7; completions++) {
                double sum = pairs.of(list("q", 0.75, List.of(), completions)).stream()
                        .mapToDouble(pair -> pair.judgement().weight())
                        .sum();
                assertThat(sum).isCloseTo(0.75, within(1e-15));
            }
        }
    }

    @Test
    void a_pair_is_the_only_pair_of_itself() {
        Preference list = list("q", 0.5, List.of(2.0, -1.0), 2);
        for (RankedPairs pairs : RankedPairs.values()) {
            assertThat(pairs.of(list))
                    .containsExactly(new Preference("q/1-2", list.completions(), list.judgement()));
        }
    }

    @Test
    void ratings_are_kept_and_completions_rated_the_same_form_no_pair() {
        Preference list = list("q", 1, List.of(3.0, 1.0, 1.0, 0.5), 4);
        List<Preference> pairs = RankedPairs.ALL.of(list);
        assertThat(pairs.stream().map(Preference::id)).containsExactly("q/1-2", "q/1-3", "q/1-4", "q/2-4", "q/3-4");
        assertThat(pairs.get(4).judgement()).isEqualTo(new Judgement(2, List.of(1.0, 0.5), "source", 0.2));
        assertThat(RankedPairs.BEST_AGAINST_EACH.of(list("q", 1, List.of(1.0, 1.0, 1.0), 3))).isEmpty();
    }

    @Test
    void a_completion_alone_has_no_rank() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RankedPairs.ALL.of(list("q", 1, List.of(1.0), 1)))
                .withMessage("completions must be at least two, best first, got 1 (q)");
    }

    private static Preference list(String id, double weight, List<Double> ratings, int completions) {
        return new Preference(
                id,
                IntStream.range(0, completions)
                        .mapToObj(k -> TokenSequence.of(new int[] {7, 8}, new int[] {k}))
                        .toList(),
                new Judgement(completions, ratings, "source", weight));
    }
}
