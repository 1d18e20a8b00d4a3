package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.config.ConfigValue;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ObjectiveConfig;
import dpo.harness.peer.TrlObjective;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of docs/coming-from-trl.md agree with the translation and with the configuration. */
class ComingFromTrlTest {

    private static final Page PAGE = Repository.page("docs/coming-from-trl.md");

    private static List<List<String>> lossRows() {
        return PAGE.tableCodeSpans().stream()
                .filter(row -> row.size() == 2 && row.get(0).contains("\"loss_type\""))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("lossRows")
    void each_loss_on_the_page_is_translated_as_shown(List<String> row) {
        ObjectiveConfig translated = ConfigValue.objectiveSection(
                TrlObjective.translate(row.get(0), "page").yaml(), "translation");
        ObjectiveConfig shown = ConfigValue.objectiveSection(row.get(1), "page");
        // EXO with TRL's rounding, for comparing numbers, is another type.
        if (!row.get(0).contains("exo_pair")) {
            assertThat(translated).isEqualTo(shown);
        }
    }

    @Test
    void the_page_has_every_loss_type_of_trl() {
        String page = lossRows().toString();
        assertThat(Stream.of(
                        "sigmoid",
                        "hinge",
                        "ipo",
                        "exo_pair",
                        "nca_pair",
                        "robust",
                        "bco_pair",
                        "sppo_hard",
                        "aot",
                        "aot_unpaired",
                        "apo_zero",
                        "apo_down",
                        "discopop",
                        "sft",
                        "sigmoid_norm"))
                .allMatch(type -> page.contains("\"loss_type\": \"" + type + "\""));
    }

    @Test
    void the_sections_that_the_page_names_are_sections_of_a_configuration() {
        Set<String> sections = Arrays.stream(ExperimentConfig.class.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        List<String> keys = PAGE.tableCodeSpans().stream()
                .flatMap(List::stream)
                .filter(span -> span.matches("[a-z]+\\.[a-z_.]+(: .*)?") && !span.matches(".*[.](json|jsonl|html)"))
                .toList();
        assertThat(keys).hasSizeGreaterThan(15).allMatch(key -> sections.contains(key.split("\\.")[0]));
    }
}
