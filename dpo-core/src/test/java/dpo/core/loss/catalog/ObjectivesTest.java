package dpo.core.loss.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.setting.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ObjectivesTest {

    @Test
    void published_objectives_have_distinct_types_and_cite_their_papers() {
        assertThat(Objectives.published().stream().map(PreferenceLoss::typeOf))
                .doesNotHaveDuplicates()
                .contains("sigmoid", "ipo", "hinge", "sft");
        assertThat(Objectives.published()).allSatisfy(objective -> {
            Published published = objective.getAnnotation(Published.class);
            assertThat(published.formula()).isNotBlank();
            assertThat(published.paper()).isNotBlank();
            assertThat(published.atInitialisation()).isNotBlank();
        });
    }

    @Test
    void every_hyper_parameter_of_a_published_objective_is_a_described_setting() {
        assertThat(Objectives.published()).allSatisfy(objective -> assertThat(
                        Arrays.stream(objective.getRecordComponents()).map(c -> c.getAnnotation(Setting.class)))
                .isNotEmpty()
                .doesNotContainNull()
                .allSatisfy(setting -> assertThat(setting.about()).isNotBlank()));
    }

    @Test
    void an_objective_without_annotation_is_named_by_its_class() {
        assertThat(PreferenceLoss.typeOf(WeightedSum.class)).isEqualTo("dpo.core.loss.composed.WeightedSum");
    }

    @Test
    void every_modifier_is_annotated_with_its_configuration_key() {
        assertThat(Objectives.modifiers())
                .extracting(PreferenceLoss::typeOf)
                .containsExactlyInAnyOrder(
                        "divergence", "ld_alpha", "weighting: wpo", "turns", "groups: weights", "groups: robust");
    }

    @Test
    void a_normalizer_counts_preferences_completions_chosen_tokens_and_shares_of_groups() {
        PreferenceLogProbs logProbs = PreferenceExamples.random(4, 1);
        Normalizer normalizer = Normalizer.of(logProbs);
        assertThat(normalizer.preferences()).isEqualTo(4);
        assertThat(normalizer.completions()).isEqualTo(8);
        assertThat(normalizer.chosenTokens())
                .isEqualTo(
                        IntStream.of(0, 2, 4, 6).map(logProbs.policy()::tokens).sum());
        assertThat(normalizer.groupShares()).isEqualTo(Map.of("a", 0.5, "b", 0.25, "c", 0.25));
        assertThatThrownBy(() -> Normalizer.of(List.of(), Map.of("a", 1.0)))
                .hasMessage("preferences must be at least 1, got 0");
    }
}
