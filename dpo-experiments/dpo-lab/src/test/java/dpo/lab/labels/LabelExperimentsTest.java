package dpo.lab.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers computed outside of this library: at the default settings, and at others by another algorithm. */
class LabelExperimentsTest {

    @Test
    void each_objective_has_its_own_population_minimiser() {
        Measured measured = Measured.of(LinkTable.class, Map.of());
        assertThat(measured.number("sigmoid")).isCloseTo(2, within(1e-4));
        assertThat(measured.number("cdpo")).isCloseTo(1.4156, within(5e-5));
        assertThat(measured.number("robust")).isCloseTo(3.7054, within(5e-5));
        assertThat(measured.number("hinge")).isCloseTo(1, within(1e-12));
        assertThat(measured.number("ipo")).isCloseTo(.7616, within(1e-12));
        assertThat(measured.number("exo_pair")).isCloseTo(.7616 * Math.log(9), within(1e-9));
        assertThat(measured.number("robust_largest_probability")).isCloseTo(.9, within(1e-9));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.FAILS);
    }

    /** By golden-section search of the expected losses. */
    @Test
    void population_minimisers_of_an_improbable_label_are_negative() {
        Measured measured = Measured.of(
                LinkTable.class,
                Map.of("probability", "0.3", "smoothing", "0.2", "beta", "0.2", "reference_ratio", "0.4"));
        assertThat(measured.number("sigmoid")).isCloseTo(-0.8472978599135979, within(1e-7));
        assertThat(measured.number("cdpo")).isCloseTo(-0.4895482246876617, within(1e-7));
        assertThat(measured.number("robust")).isCloseTo(-1.6094379112626227, within(1e-7));
        assertThat(measured.number("exo_pair")).isCloseTo(-0.5545177441426153, within(1e-7));
        assertThat(measured.number("simpo")).isCloseTo(-1.092266815652465, within(1e-7));
        assertThat(measured.number("ipo")).isCloseTo(-1, within(1e-7));
        assertThat(measured.number("hinge")).isCloseTo(-1, within(1e-12));
    }

    @Test
    void robust_dpo_has_no_population_minimiser_where_the_label_is_more_certain_than_the_noise_allows() {
        Measured measured = Measured.of(LinkTable.class, Map.of("probability", "0.93"));
        assertThat(measured.number("robust")).isInfinite();
        assertThat(measured.outcome().statement()).contains("robust has no minimum");
    }

    @Test
    void a_label_as_likely_as_its_opposite_is_refused() {
        assertThatThrownBy(() -> Measured.of(LinkTable.class, Map.of("probability", "0.5")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("probability must be");
    }

    /** The last by golden-section search of the expected losses. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 2, 1.4155361, 2, 1.0653422",
        "0.2, 2, .9869155, 2, .5627429",
        "0.3, 2, .6292476, 2, .2449272",
        "0.25, -1, -.4706149, -1, -.2320949"
    })
    void robust_dpo_finds_the_true_gap_and_cdpo_shrinks_it_more_than_dpo(
            String flip, String gap, double sigmoid, double robust, double cdpo) {
        Measured measured = Measured.of(LabelNoise.class, Map.of("flip", flip, "reward_gap", gap));
        assertThat(measured.number("sigmoid")).isCloseTo(sigmoid, within(6e-8));
        assertThat(measured.number("robust")).isCloseTo(robust, within(6e-8));
        assertThat(measured.number("cdpo")).isCloseTo(cdpo, within(6e-8));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.FAILS);
    }

    @Test
    void without_noise_all_three_find_the_true_gap() {
        Measured measured = Measured.of(LabelNoise.class, Map.of("flip", "0", "reward_gap", "0.7"));
        for (String name : List.of("sigmoid", "robust", "cdpo")) {
            assertThat(measured.number(name)).isCloseTo(0.7, within(1e-9));
        }
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
    }

    @Test
    void certain_labels_drive_dpo_equally_far_for_every_beta_and_ipo_stops() {
        Measured measured = Measured.of(DeterministicLabels.class, Map.of());
        assertThat(measured.list("margin")).allSatisfy(x -> assertThat(x).isCloseTo(4.5688295, within(6e-8)));
        assertThat(measured.list("kl_limit")).allSatisfy(kl -> assertThat(kl).isCloseTo(Math.log(2), within(1e-9)));
        assertThat(measured.list("ipo_probability").get(0)).isCloseTo(.9933071, within(6e-8));
        assertThat(measured.list("ipo_probability").get(1)).isCloseTo(.6224593, within(6e-8));
    }

    /** The flow by SciPy's DOP853. */
    @Test
    void the_limit_of_the_divergence_is_that_of_the_chosen_answer() {
        Measured measured = Measured.of(
                DeterministicLabels.class,
                Map.of("reference_ratio", "3", "betas", "[0.4]", "scaled_time", "7", "taus", "[0.25]"));
        assertThat(measured.number("margin")).isCloseTo(1.8211346536918935, within(1e-9));
        assertThat(measured.number("kl")).isCloseTo(0.2682402830494975, within(1e-8));
        assertThat(measured.number("kl_limit")).isCloseTo(0.28768207245178085, within(1e-9));
        assertThat(measured.number("ipo_probability")).isCloseTo(0.9568354670200037, within(1e-9));
    }
}
