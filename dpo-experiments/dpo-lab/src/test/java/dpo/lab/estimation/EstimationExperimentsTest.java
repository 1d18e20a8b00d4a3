package dpo.lab.estimation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.ConfigException;
import dpo.lab.Experiment;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The laws in a small world; the numbers of the default one are in EstimationExperimentsIT. */
class EstimationExperimentsTest {

    private static final String SMALL = "{vocabulary: 3, length: 3, prompts: 2}";

    private static Measured inSmallWorld(Class<? extends Experiment> type, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("world", SMALL);
        return Measured.of(type, all);
    }

    @Test
    void regret_and_excess_loss_fall_as_one_by_the_number_of_pairs() {
        Measured measured =
                inSmallWorld(TabularEfficiency.class, Map.of("pairs", "8000", "data_sets", "10", "betas", "[0.5, 1]"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(measured.number("without_estimate")).isZero();
    }

    @Test
    void without_estimates_the_efficiency_is_not_measured_and_that_is_said() {
        Measured measured = inSmallWorld(TabularEfficiency.class, Map.of("pairs", "1000", "data_sets", "2"));
        assertThat(measured.number("without_estimate")).isBetween(0.0, 2.0);
        Measured none = Measured.of(TabularEfficiency.class, Map.of("pairs", "1000", "data_sets", "2"));
        assertThat(none.number("without_estimate")).isEqualTo(2);
        assertThat(none.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
        assertThat(none.outcome().statement()).contains("Fewer than two data sets");
    }

    @Test
    void a_smaller_reward_class_needs_fewer_pairs() {
        Measured measured =
                inSmallWorld(TwoStage.class, Map.of("pairs", "8000", "data_sets", "10", "betas", "[0.5, 1]"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.FAILS);
        assertThat(measured.list("pairs_ratio")).allMatch(ratio -> ratio > 1);
    }

    @Test
    void the_linear_program_finds_the_pairs_whose_margins_grow_and_training_converges_only_without_them() {
        Measured measured = inSmallWorld(
                SeparablePairs.class, Map.of("pairs", "[16, 2000]", "steps", "[32, 64, 128]", "program_pairs", "2000"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
        assertThat(measured.list("program_share").subList(0, 3)).allMatch(share -> share > 0);
        assertThat(measured.list("program_share").subList(3, 6)).allMatch(share -> share == 0);
    }

    @Test
    void the_estimated_reward_rises_as_beta_falls_while_the_true_one_stays_at_or_below_the_frontier() {
        Measured measured = inSmallWorld(OverOptimisation.class, Map.of("pairs", "100", "data_sets", "4"));
        assertThat(measured.list("estimated_reward")).isSorted();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "betas | [1, 0.5] | betas must be at least three falling numbers",
                "betas | [0.35, 1, 2] | betas must be at least three falling numbers",
                "moderate_beta | 2 | moderate_beta must be one of betas",
                "ridge | 0 | ridge must be positive",
                "data_sets | 1 | data_sets must be at least 2"
            })
    void settings_without_an_answer_are_refused(String key, String value, String message) {
        assertThatThrownBy(() -> Measured.of(OverOptimisation.class, Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }
}
