package dpo.torch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaConfigTest {

    private static final Path PATH = Path.of("some", "config.json");
    private static final String SMALLEST = "{'model_type': 'llama', 'vocab_size': 9, 'hidden_size': 8,"
            + " 'intermediate_size': 6, 'num_hidden_layers': 1, 'num_attention_heads': 2}";

    @Test
    void absent_keys_have_the_defaults_of_transformers() {
        LlamaConfig config = parse(SMALLEST);
        assertThat(config).isEqualTo(new LlamaConfig(
                9, 8, 6, 1, 2, 2, 4, 1e-6, 10000, new RopeScaling.None(), 2048, false, false, false));
    }

    @Test
    void rotary_settings_are_read_in_their_old_and_new_place() {
        assertThat(parse(with("'rope_theta': 500.0, 'rope_scaling': {'type': 'linear', 'factor': 2.0}")))
                .isEqualTo(parse(with(
                        "'rope_parameters': {'rope_type': 'linear', 'rope_theta': 500.0, 'factor': 2.0}")))
                .extracting(LlamaConfig::ropeTheta, LlamaConfig::ropeScaling)
                .containsExactly(500.0, new RopeScaling.Linear(2));
    }

    @Test
    void what_is_written_is_read() {
        LlamaConfig config = new LlamaConfig(
                9, 8, 6, 3, 2, 1, 6, 1e-5, 5000, new RopeScaling.None(), 77, true, true, true);
        assertThat(LlamaConfigJson.parse(LlamaConfigJson.write(config), PATH)).isEqualTo(config);
    }

    @Test
    void the_number_format_of_a_written_configuration_is_that_of_its_weights() {
        assertThat(LlamaConfigJson.asFloat32("{\"dtype\": \"bfloat16\", \"x\": 1}"))
                .contains("\"float32\"", "\"x\"")
                .doesNotContain("bfloat16");
    }

    @Test
    void a_head_of_its_own_and_biases_are_parameters() {
        LlamaConfig plain = parse(SMALLEST.replace("}", ", 'tie_word_embeddings': true}"));
        LlamaConfig all = parse(with("'attention_bias': true, 'mlp_bias': true, 'num_key_value_heads': 1"));
        assertThat(plain.parameters()).hasSize(11).doesNotContainKey("lm_head.weight");
        assertThat(all.parameters())
                .hasSize(11 + 1 + 7)
                .containsEntry("lm_head.weight", List.of(9L, 8L))
                .containsEntry("model.layers.0.self_attn.k_proj.bias", List.of(4L))
                .containsEntry("model.layers.0.mlp.down_proj.weight", List.of(8L, 6L));
    }

    @Test
    void llama3_scaling_divides_long_waves_keeps_short_ones_and_joins_them_steadily() {
        RopeScaling scaling = new RopeScaling.Llama3(8, 1, 4, 8192);
        double wave = 2 * Math.PI / 8192;
        assertThat(scaling.scaled(0.5 * wave)).isCloseTo(0.5 * wave / 8, within(1e-15));
        assertThat(scaling.scaled(5 * wave)).isEqualTo(5 * wave);
        assertThat(scaling.scaled(wave)).isCloseTo(wave / 8, within(1e-12));
        assertThat(scaling.scaled(4 * wave)).isCloseTo(4 * wave, within(1e-12));
        assertThat(scaling.scaled(2.5 * wave)).isCloseTo(2.5 * wave * (0.5 / 8 + 0.5), within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "'model_type': 'gpt2' | architecture must be one of [LlamaForCausalLM] (model_type llama), got LlamaForCausalLM"
                + " (model_type gpt2)",
        "'architectures': ['LlamaForSequenceClassification'] | got LlamaForSequenceClassification (model_type llama)",
        "'hidden_act': 'gelu' | hidden_act must be one of [silu], got gelu",
        "'rope_scaling': {'rope_type': 'yarn'} | rope_type must be one of [default, linear, llama3], got yarn",
        "'rope_scaling': {'rope_type': 'linear'} | factor must be given, got nothing",
        "'rope_scaling': {'rope_type': 'linear', 'factor': 0.5} | factor must be in [1.0, Infinity), got 0.5",
        "'num_key_value_heads': 3 | num_key_value_heads must divide num_attention_heads (2), got 3",
        "'head_dim': 3 | head_dim must be even, got 3",
        "'hidden_size': 'wide' | hidden_size must be an integer, got \"wide\"",
        "'hidden_size': null | hidden_size must be given, got nothing",
        "'vocab_size': 0 | vocab_size must be at least 2, got 0",
        "'rms_norm_eps': 0 | rms_norm_eps must be positive and finite, got 0.0",
        "'rms_norm_eps': 'small' | rms_norm_eps must be a number, got \"small\"",
        "'tie_word_embeddings': 1 | tie_word_embeddings must be true or false, got 1"})
    void what_cannot_be_computed_is_refused_with_file_and_reason(String wrong, String reason) {
        assertThatThrownBy(() -> parse(with(wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(PATH.toString());
    }

    @Test
    void text_that_is_no_object_is_refused() {
        assertThatThrownBy(() -> parse("{")).hasMessageContaining("must be JSON").hasMessageContaining(PATH.toString());
        assertThatThrownBy(() -> parse("[]")).hasMessageContaining("must be an object");
    }

    private static LlamaConfig parse(String json) {
        return LlamaConfigJson.parse(json.replace('\'', '"'), PATH);
    }

    /** Later keys win over earlier ones of the same name. */
    private static String with(String entries) {
        return SMALLEST.replace("}", ", " + entries + "}");
    }
}
