package dpo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.config.ConfigValue;
import java.util.List;
import java.util.Map;

/** The measured quantities of an experiment at given settings; all must agree with their predictions. */
public record Measured(Outcome outcome) {

    /** Runs an experiment; settings are keys with their YAML, the others have their defaults. */
    public static Measured of(Class<? extends Experiment> type, Map<String, String> settings) {
        Measured measured =
                new Measured(((Experiment) ConfigValue.settings(Experiment.settings(type), settings)).run());
        assertThat(measured.outcome().disagreements()).isEmpty();
        return measured;
    }

    /** A quantity that is one number. */
    public double number(String name) {
        List<Double> numbers = list(name);
        assertThat(numbers).hasSize(1);
        return numbers.get(0);
    }

    /** A quantity that is a list. */
    public List<Double> list(String name) {
        return outcome.quantities().stream()
                .filter(quantity -> quantity.name().equals(name))
                .findFirst()
                .orElseThrow()
                .measured();
    }
}
