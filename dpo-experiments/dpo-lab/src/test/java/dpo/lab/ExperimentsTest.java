package dpo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.config.ConfigValue;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {

    static java.util.List<Class<? extends Experiment>> all() {
        return Experiments.all();
    }

    /** Without the experiments that take seconds: EstimationExperimentsIT runs those. */
    static java.util.List<Class<? extends Experiment>> quick() {
        return all().stream()
                .filter(type -> !type.getPackageName().endsWith(".estimation"))
                .toList();
    }

    private static Outcome atDefaults(Class<? extends Experiment> type) {
        return ((Experiment) ConfigValue.settings(Experiment.settings(type), Map.of())).run();
    }

    @ParameterizedTest
    @MethodSource("quick")
    void at_default_settings_every_quantity_is_as_predicted_and_the_verdict_as_known(Class<? extends Experiment> type) {
        Outcome outcome = atDefaults(type);
        assertThat(outcome.disagreements()).isEmpty();
        assertThat(outcome.verdict()).isEqualTo(Experiment.claim(type).verdict());
        assertThat(outcome.quantities()).anyMatch(Quantity::isPredicted);
        assertThat(outcome.statement()).isNotBlank();
    }

    @Test
    void names_are_in_kebab_case_and_unique() {
        assertThat(all())
                .extracting(type -> Experiment.claim(type).name())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z0-9]+(-[a-z0-9]+)*"));
    }

    @Test
    void an_unknown_name_is_refused_with_the_known_ones() {
        assertThatThrownBy(() -> Experiments.named("alignment"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("alignment-lemma")
                .hasMessageEndingWith("got alignment");
    }
}
