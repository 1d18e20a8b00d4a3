package dpo.harness.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrlObjectiveTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sigmoid      | {type: sigmoid, beta: 0.3}",
                "hinge        | {type: hinge, beta: 0.3}",
                "ipo          | {type: ipo, beta: 0.3, reduction: mean}",
                "nca_pair     | {type: nca_pair, beta: 0.3}",
                "robust       | {type: robust, beta: 0.3, label_smoothing: 0.0}",
                "bco_pair     | {type: bco_pair, beta: 0.3}",
                "sppo_hard    | {type: sppo_hard, beta: 0.3}",
                "aot          | {type: aot, beta: 0.3, label_smoothing: 0.0}",
                "aot_unpaired | {type: aot_unpaired, beta: 0.3, label_smoothing: 0.0}",
                "apo_zero     | {type: apo_zero, beta: 0.3}",
                "apo_down     | {type: apo_down, beta: 0.3}",
                "discopop     | {type: discopop, beta: 0.3, tau: 0.05}",
                "sigmoid_norm | {type: sigmoid_norm, beta: 0.3}"
            })
    void a_single_loss_becomes_one_term_with_the_options_that_it_reads(String type, String term) {
        Translation translation = translate("{\"loss_type\": [\"" + type + "\"], \"beta\": 0.3}");
        assertThat(translation.tree()).isEqualTo(plain("{preference: " + term + "}"));
        assertThat(translation.notes()).isEmpty();
    }

    @Test
    void exo_and_sft_have_options_of_their_own() {
        assertThat(translate("{\"loss_type\": [\"exo_pair\"], \"label_smoothing\": 0.001}")
                        .tree())
                .isEqualTo(
                        plain("{preference: {type: dpo.harness.peer.TrlExoPair, beta: 0.1, label_smoothing: 0.001}}"));
        Translation sft = translate("{\"loss_type\": \"sft\"}");
        assertThat(sft.tree()).isEqualTo(plain("{preference: {type: sft, reduction: token_mean}}"));
        assertThat(sft.notes()).isEmpty();
    }

    @Test
    void an_empty_object_has_trls_defaults() {
        assertThat(translate("{}").tree()).isEqualTo(plain("{preference: {type: sigmoid, beta: 0.1}}"));
        assertThat(translate("{\"loss_weights\": null, \"ld_alpha\": null, \"f_divergence_type\": \"reverse_kl\"}"))
                .isEqualTo(translate("{}"));
    }

    @Test
    void several_losses_become_a_weighted_list_and_the_weight_of_a_single_loss_is_omitted() {
        assertThat(translate("{\"loss_type\": [\"sigmoid\", \"bco_pair\", \"sft\"], \"loss_weights\": [0.8, 0.2, 1]}")
                        .tree())
                .isEqualTo(plain(
                        "{preference: [{type: sigmoid, beta: 0.1, weight: 0.8}, {type: bco_pair, beta: 0.1, weight: 0.2},"
                                + " {type: sft, reduction: token_mean, weight: 1.0}]}"));
        assertThat(translate("{\"loss_type\": [\"hinge\", \"sft\"]}").tree())
                .isEqualTo(plain("{preference: [{type: hinge, beta: 0.1, weight: 1.0},"
                        + " {type: sft, reduction: token_mean, weight: 1.0}]}"));
        assertThat(translate("{\"loss_type\": [\"hinge\"], \"loss_weights\": [2]}")
                        .tree())
                .isEqualTo(plain("{preference: [{type: hinge, beta: 0.1, weight: 2.0}]}"));
        assertThat(translate("{\"loss_type\": [\"hinge\"], \"loss_weights\": [1.0]}"))
                .isEqualTo(translate("{\"loss_type\": \"hinge\"}"));
    }

    @Test
    void options_of_the_whole_objective_are_outside_of_the_terms() {
        assertThat(translate("{\"f_divergence_type\": \"forward_kl\", \"ld_alpha\": 0.25, \"use_weighting\": true}")
                        .tree())
                .isEqualTo(
                        plain("{preference: {type: sigmoid, beta: 0.1}, divergence: {type: forward_kl}, ld_alpha: 0.25,"
                                + " weighting: wpo_unclamped}"));
        assertThat(translate("{\"f_divergence_type\": \"js_divergence\", \"use_weighting\": false}")
                        .tree())
                .isEqualTo(plain("{preference: {type: sigmoid, beta: 0.1}, divergence: {type: js}}"));
    }

    @Test
    void alpha_is_one_minus_the_coefficient_of_trl_and_its_limit_is_the_reverse_kl() {
        assertThat(translate("{\"f_divergence_type\": \"alpha_divergence\"}").tree())
                .containsEntry("divergence", Map.of("type", "alpha", "alpha", 0.5));
        assertThat(translate("{\"f_divergence_type\": \"alpha_divergence\", \"f_alpha_divergence_coef\": 0.9}")
                        .tree())
                .containsEntry("divergence", Map.of("type", "alpha", "alpha", 1 - 0.9));
        for (String coefficient : List.of("1", "1.0000009", "0.9999991")) {
            Translation limit = translate(
                    "{\"f_divergence_type\": \"alpha_divergence\", \"f_alpha_divergence_coef\": " + coefficient + "}");
            assertThat(limit.tree()).isEqualTo(translate("{}").tree());
            assertThat(limit.notes()).singleElement().asString().contains("as reverse_kl");
        }
        assertThat(translate("{\"f_divergence_type\": \"alpha_divergence\", \"f_alpha_divergence_coef\": 1.000002}")
                        .tree())
                .containsKey("divergence");
    }

    @Test
    void every_option_that_trl_ignores_is_noted_and_omitted() {
        ignored("{\"label_smoothing\": 0.1}", "label_smoothing for sigmoid");
        ignored("{\"discopop_tau\": 0.2}", "discopop_tau for sigmoid");
        ignored("{\"f_alpha_divergence_coef\": 0.3}", "f_alpha_divergence_coef for reverse_kl");
        ignored("{\"loss_type\": \"sft\", \"beta\": 0.2}", "beta for sft");
        ignored("{\"loss_type\": \"sft\", \"ld_alpha\": 0.5}", "ld_alpha for sft");
        ignored("{\"loss_type\": \"sft\", \"f_divergence_type\": \"js_divergence\"}", "f_divergence_type for sft");
        ignored("{\"loss_type\": [\"hinge\", \"ipo\"], \"label_smoothing\": 0.1}", "label_smoothing for hinge, ipo");
    }

    private static void ignored(String json, String what) {
        Translation translation = translate(json);
        assertThat(translation.notes()).containsExactly("TRL 1.16 ignores " + what + "; it is ignored here too");
        String type =
                json.contains("sft") ? "\"sft\"" : json.contains("hinge") ? "[\"hinge\", \"ipo\"]" : "\"sigmoid\"";
        assertThat(translation.tree())
                .isEqualTo(translate("{\"loss_type\": " + type + "}").tree());
    }

    @Test
    void an_option_that_some_terms_read_is_kept_and_noted_for_the_others() {
        Translation translation = translate("{\"loss_type\": [\"sigmoid\", \"robust\"], \"label_smoothing\": 0.2}");
        assertThat(translation.notes())
                .containsExactly("TRL 1.16 ignores label_smoothing for sigmoid; it is ignored here too");
        assertThat(translation.tree())
                .isEqualTo(plain("{preference: [{type: sigmoid, beta: 0.1, weight: 1.0},"
                        + " {type: robust, beta: 0.1, label_smoothing: 0.2, weight: 1.0}]}"));
        Translation divergence =
                translate("{\"loss_type\": [\"ipo\", \"sft\"], \"f_divergence_type\": \"forward_kl\"}");
        assertThat(divergence.tree()).containsEntry("divergence", Map.of("type", "forward_kl"));
        assertThat(divergence.notes()).singleElement().asString().contains("ignores f_divergence_type for sft");
    }

    @Test
    void beta_of_a_sum_with_sft_is_not_ignored() {
        assertThat(translate("{\"loss_type\": [\"sigmoid\", \"sft\"], \"beta\": 0.5}")
                        .notes())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nca_pair", "bco_pair", "sppo_hard", "aot", "aot_unpaired", "apo_zero", "apo_down"})
    void a_divergence_is_refused_if_its_constant_does_not_cancel(String type) {
        for (String divergence : List.of("forward_kl", "js_divergence", "alpha_divergence")) {
            refused(
                    "{\"loss_type\": [\"sigmoid\", \"" + type + "\"], \"f_divergence_type\": \"" + divergence + "\"}",
                    "f_divergence_type must be reverse_kl for " + type + ", as in TRL");
        }
    }

    @Test
    void combinations_that_trl_refuses_or_fails_on_are_refused() {
        refused("{\"loss_type\": \"exo_pair\"}", "label_smoothing must be positive for exo_pair");
        refused(
                "{\"loss_type\": \"exo_pair\", \"label_smoothing\": 0.0}",
                "label_smoothing must be positive for exo_pair");
        for (String type : List.of("aot", "aot_unpaired", "sft")) {
            refused(
                    "{\"loss_type\": \"" + type + "\", \"use_weighting\": true}",
                    "use_weighting must be false for " + type);
        }
        refused("{\"loss_type\": \"sigmoide\"}", "did you mean sigmoid?");
        refused("{\"loss_type\": [\"aot_pair\"]}", "must be a known name, got aot_pair");
        refused("{\"loss_type\": []}", "must name at least one loss");
        refused("{\"loss_type\": [\"sigmoid\"], \"loss_weights\": [1, 2]}", "loss_weights must be a list of 1");
        refused("{\"loss_type\": [\"sigmoid\", \"sft\"], \"loss_weights\": [1]}", "loss_weights must be a list of 2");
        refused("{\"loss_type\": [\"sigmoid\"], \"loss_weights\": []}", "loss_weights must be a list of 1");
        refused("{\"loss_weights\": 0.5}", "loss_weights must be a list of 1");
        refused("{\"loss_weights\": [true]}", "loss_weights must be a number, got true");
        refused("{\"f_divergence_type\": \"js_divergense\"}", "did you mean js_divergence?");
    }

    @Test
    void all_misspelt_keys_and_wrong_types_are_reported_at_once() {
        assertThatThrownBy(() -> translate("{\"lable_smoothing\": 0.1, \"beta\": \"0.1\", \"use_weighting\": 1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lable_smoothing is not a key here, did you mean label_smoothing?")
                .hasMessageContaining("beta must be a number, got \"0.1\"")
                .hasMessageContaining("use_weighting must be true or false, got 1");
        refused("[\"sigmoid\"]", "must be an object with TRL's keys");
        refused("{\"beta\": 0.1", "must be YAML");
    }

    @Test
    void numbers_are_translated_to_the_last_bit() {
        for (double beta : new double[] {1e-7, 0.1 + 0.2, Math.PI, 123456789.123, 5e-324}) {
            Translation translation = translate("{\"beta\": " + beta + "}");
            Map<?, ?> read =
                    (Map<?, ?>) ConfigNode.parse(translation.yaml(), "test").plain();
            assertThat(((Map<?, ?>) read.get("preference")).get("beta")).isEqualTo(beta);
        }
        assertThat(translate("{\"beta\": 1e-7}").tree())
                .isEqualTo(plain("{preference: {type: sigmoid, beta: 1.0e-7}}"));
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> translate(json))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    private static Translation translate(String json) {
        return TrlObjective.translate(json, "--trl");
    }

    private static Object plain(String yaml) {
        return ConfigNode.parse(yaml, "expected").plain();
    }
}
