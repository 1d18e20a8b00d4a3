package dpo.torch.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.RopeScaling;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FamiliesTest {

    private static final Path PATH = Path.of("some", "config.json");
    private static final String SIZES = "'vocab_size': 9, 'hidden_size': 8, 'intermediate_size': 6,"
            + " 'num_hidden_layers': 4, 'num_attention_heads': 2";
    private static final String LLAMA = "{'model_type': 'llama', " + SIZES + "}";
    private static final String GEMMA3 = "{'model_type': 'gemma3_text', " + SIZES + "}";
    private static final String NEOX =
            "{'model_type': 'gpt_neox', " + SIZES.replace("'hidden_size': 8", "'hidden_size': 16") + "}";

    @Test
    void absent_keys_have_the_defaults_of_transformers() {
        Architecture llama = read(LLAMA);
        assertThat(llama)
                .isEqualTo(
                        read(
                                with(
                                        LLAMA,
                                        "'num_key_value_heads': 2, 'head_dim': 4, 'rms_norm_eps': 1e-6,"
                                                + " 'rope_theta': 10000.0, 'max_position_embeddings': 2048, 'tie_word_embeddings': false,"
                                                + " 'attention_bias': false, 'mlp_bias': false, 'hidden_act': 'silu', 'rope_scaling': null")));
        assertThat(rotary(read(NEOX), 0)).contains(new RotaryEmbedding(2, 10000, new RopeScaling.None()));
    }

    @Test
    void a_null_key_is_absent_and_all_names_of_an_activation_function_are_known() {
        assertThat(read(with(LLAMA, "'hidden_act': null, 'head_dim': null, 'rope_scaling': {'rope_type': null}")))
                .isEqualTo(read(with(LLAMA, "'hidden_act': 'swish'")))
                .isEqualTo(read(LLAMA));
        assertThat(read(with(NEOX, "'hidden_act': 'gelu_fast'")))
                .isEqualTo(read(with(NEOX, "'hidden_act': 'gelu_new'")))
                .isNotEqualTo(read(NEOX));
    }

    @Test
    void rotary_settings_are_read_from_their_old_and_new_keys() {
        assertThat(read(with(LLAMA, "'rope_theta': 500.0, 'rope_scaling': {'type': 'linear', 'factor': 2.0}")))
                .isEqualTo(read(
                        with(LLAMA, "'rope_parameters': {'rope_type': 'linear', 'rope_theta': 500.0, 'factor': 2.0}")))
                .satisfies(model ->
                        assertThat(rotary(model, 3)).contains(new RotaryEmbedding(4, 500, new RopeScaling.Linear(2))));
        assertThat(read(with(NEOX, "'rotary_pct': 0.5, 'rotary_emb_base': 77")))
                .isEqualTo(read(with(NEOX, "'rope_parameters': {'partial_rotary_factor': 0.5, 'rope_theta': 77}")));
        assertThat(
                        read(
                                with(
                                        GEMMA3,
                                        "'rope_theta': 5e5, 'rope_local_base_freq': 100.0,"
                                                + " 'rope_scaling': {'rope_type': 'linear', 'factor': 8.0}, 'sliding_window_pattern': 2")))
                .isEqualTo(read(with(
                        GEMMA3,
                        "'rope_parameters': {'full_attention': {'rope_type': 'linear',"
                                + " 'factor': 8.0, 'rope_theta': 5e5}, 'sliding_attention': {'rope_theta': 100.0}},"
                                + " 'layer_types': ['sliding_attention', 'full_attention', 'sliding_attention',"
                                + " 'full_attention']")));
    }

    @Test
    void windows_are_in_the_layers_of_the_family() {
        assertThat(windows("mistral", "")).containsOnly(OptionalInt.of(4096));
        assertThat(windows("mistral", ", 'sliding_window': null")).containsOnly(OptionalInt.empty());
        assertThat(windows("qwen2", ", 'sliding_window': 3, 'max_window_layers': 0"))
                .containsOnly(OptionalInt.empty());
        assertThat(windows("qwen3", ", 'use_sliding_window': true, 'sliding_window': 3, 'max_window_layers': 3"))
                .containsExactly(none(), none(), none(), OptionalInt.of(3));
        assertThat(windows("gemma2", ", 'sliding_window': 3"))
                .containsExactly(OptionalInt.of(3), none(), OptionalInt.of(3), none());
        assertThat(windows(
                        "gemma3_text",
                        ", 'sliding_window': 3, 'layer_types': ['full_attention',"
                                + " 'full_attention', 'sliding_attention', 'full_attention']"))
                .containsExactly(none(), none(), OptionalInt.of(3), none());
    }

    @Test
    void every_fourth_layer_of_smollm3_has_no_rotary_embedding() {
        Architecture model = read("{'model_type': 'smollm3', " + SIZES + "}");
        assertThat(rotary(model, 2)).isPresent();
        assertThat(rotary(model, 3)).isEmpty();
    }

    @Test
    void the_dtype_of_a_written_configuration_equals_that_of_its_weights() {
        assertThat(ConfigJson.parse("{\"dtype\": \"bfloat16\", \"x\": 1}", PATH).asFloat32())
                .contains("\"float32\"", "\"x\"")
                .doesNotContain("bfloat16");
    }

    @Test
    void an_untied_head_and_biases_are_parameters() {
        Architecture plain = read(with(LLAMA, "'num_hidden_layers': 1, 'tie_word_embeddings': true"));
        Architecture all = read(with(
                LLAMA, "'num_hidden_layers': 1, 'attention_bias': true, 'mlp_bias': true, 'num_key_value_heads': 1"));
        assertThat(plain.parameters()).hasSize(11).doesNotContainKey("lm_head.weight");
        assertThat(all.parameters())
                .hasSize(11 + 1 + 7)
                .containsEntry("lm_head.weight", List.of(9L, 8L))
                .containsEntry("model.layers.0.self_attn.k_proj.bias", List.of(4L))
                .containsEntry("model.layers.0.mlp.down_proj.weight", List.of(8L, 6L));
    }

    @Test
    void llama3_scaling_divides_low_frequencies_keeps_high_ones_and_is_continuous() {
        RopeScaling scaling = new RopeScaling.Llama3(8, 1, 4, 8192);
        double wave = 2 * Math.PI / 8192;
        assertThat(scaling.scaled(0.5 * wave)).isCloseTo(0.5 * wave / 8, within(1e-15));
        assertThat(scaling.scaled(5 * wave)).isEqualTo(5 * wave);
        assertThat(scaling.scaled(wave)).isCloseTo(wave / 8, within(1e-12));
        assertThat(scaling.scaled(4 * wave)).isCloseTo(4 * wave, within(1e-12));
        assertThat(scaling.scaled(2.5 * wave)).isCloseTo(2.5 * wave * (0.5 / 8 + 0.5), within(1e-12));
    }

    @Test
    void an_unknown_architecture_is_refused_with_a_list_of_the_known_ones() {
        assertThatThrownBy(() -> read("{'model_type': 'mamba', 'architectures': ['MambaForCausalLM']}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("architecture must be one of [GPT2LMHeadModel (model_type gpt2),"
                        + " GPTNeoXForCausalLM (model_type gpt_neox), Gemma2ForCausalLM (model_type gemma2),"
                        + " Gemma3ForCausalLM (model_type gemma3_text), LlamaForCausalLM (model_type llama),"
                        + " MistralForCausalLM (model_type mistral), Qwen2ForCausalLM (model_type qwen2),"
                        + " Qwen3ForCausalLM (model_type qwen3), SmolLM3ForCausalLM (model_type smollm3)],"
                        + " got MambaForCausalLM (model_type mamba) (" + PATH + ")");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "llama | 'architectures': ['LlamaForSequenceClassification'] | got LlamaForSequenceClassification",
                "llama | 'hidden_act': 'relu' | hidden_act must be one of [gelu, gelu_fast, gelu_new, gelu_python, gelu_pytorch_tanh, silu, swish], got relu",
                "llama | 'hidden_act': 3 | hidden_act must be a string, got 3",
                "gemma3_text | 'sliding_window_pattern': 0 | sliding_window_pattern must be at least 1, got 0",
                "smollm3 | 'no_rope_layer_interval': 0 | no_rope_layer_interval must be at least 1, got 0",
                "llama | 'rope_scaling': {'rope_type': 'yarn'} | rope_type must be one of [default, linear, llama3], got yarn",
                "llama | 'rope_scaling': {'rope_type': 'linear'} | factor must be given, got nothing",
                "llama | 'rope_scaling': {'type': 'linear', 'factor': 0.5} | factor must be in [1.0, Infinity), got 0.5",
                "llama | 'num_key_value_heads': 3 | num_key_value_heads must divide num_attention_heads (2), got 3",
                "llama | 'head_dim': 3 | rotary part of head_dim must be even and at least 2, got 3",
                "llama | 'hidden_size': 'wide' | hidden_size must be an integer, got \"wide\"",
                "llama | 'hidden_size': null | hidden_size must be given, got nothing",
                "llama | 'intermediate_size': 0 | intermediate_size must be at least 1, got 0",
                "llama | 'num_hidden_layers': 0 | num_hidden_layers must be at least 1, got 0",
                "llama | 'vocab_size': 0 | vocab_size must be at least 2, got 0",
                "llama | 'num_hidden_layers': 2000000000 | num_hidden_layers must be at most 10000, got 2000000000",
                "llama | 'num_hidden_layers': -1 | num_hidden_layers must be at least 1, got -1",
                "gpt2 | 'n_embd': 8, 'n_head': 2, 'n_layer': 2000000000 | n_layer must be at most 10000, got 2000000000",
                "llama | 'vocab_size': 2147483647 | vocab_size must be at most 16777216, got 2147483647",
                "llama | 'hidden_size': 4294967296 | hidden_size must be an integer, got 4294967296",
                "llama | 'hidden_size': true | hidden_size must be an integer, got true",
                "llama | 'hidden_size': -8 | must be at least 1",
                "llama | 'head_dim': 16777216 | num_attention_heads times head_dim must be at most 16777216, got 2 times 16777216",
                "gpt2 | 'n_embd': 8, 'n_head': 2, 'n_layer': 1, 'n_inner': -1 | must be at least 1, got -1",
                "gpt_neox | 'rotary_pct': 2.0 | rotary part of head_dim must be in [2.0, 4.0]",
                "llama | 'rms_norm_eps': 1e400 | rms_norm_eps must be finite, got",
                "llama | 'rms_norm_eps': NaN | rms_norm_eps must be finite, got \"NaN\"",
                "llama | 'rope_scaling': 'linear' | rope_scaling must be an object, got \"linear\"",
                "llama | 'architectures': 'LlamaForCausalLM' | architectures must be a list of strings, got",
                "qwen2 | 'layer_types': {'0': 'full_attention'} | layer_types must be a list of strings, got",
                "smollm3 | 'no_rope_layers': '1101' | no_rope_layers must be a list of integers, got \"1101\"",
                "smollm3 | 'no_rope_layers': [1, 0, 1, 0.5] | no_rope_layers must be a list of integers, got",
                "gemma2 | 'query_pre_attn_scalar': -256 | scale of attention must be positive and finite, got NaN",
                "llama | 'rms_norm_eps': 0 | must be positive and finite, got 0.0",
                "llama | 'rms_norm_eps': 'small' | rms_norm_eps must be a number, got \"small\"",
                "llama | 'tie_word_embeddings': 1 | tie_word_embeddings must be true or false, got 1",
                "mistral | 'sliding_window': 0 | sliding_window must be at least 1, got 0",
                "qwen2 | 'layer_types': ['full_attention'] | layer_types must have a string for each of 4 layers, got 1",
                "qwen2 | 'layer_types': ['linear_attention'] | layer_types must be one of [full_attention, sliding_attention]",
                "gemma2 | 'sliding_window': null | sliding_window must be given if layers have one, got nothing",
                "gemma2 | 'final_logit_softcapping': 0 | soft cap must be positive and finite, got 0.0",
                "gemma3_text | 'attn_logit_softcapping': 50.0 | attn_logit_softcapping must be null, got 50.0",
                "gemma3_text | 'use_bidirectional_attention': true | use_bidirectional_attention must be false, got true",
                "smollm3 | 'no_rope_layers': [1, 0] | no_rope_layers must have a number for each of 4 layers, got 2",
                "gpt_neox | 'num_attention_heads': 3 | num_attention_heads must divide hidden_size (8), got 3",
                "gpt2 | 'n_embd': 6, 'n_layer': 1, 'n_head': 4 | num_attention_heads must divide hidden_size (6), got 4",
                "gpt2 | 'add_cross_attention': true | add_cross_attention must be false, got true"
            })
    void an_unsupported_option_is_refused_with_file_and_reason(String modelType, String wrong, String reason) {
        assertThatThrownBy(() -> read(with("{'model_type': '" + modelType + "', " + SIZES + "}", wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(PATH.toString());
    }

    @Test
    void text_that_is_not_an_object_is_refused() {
        assertThatThrownBy(() -> read("{")).hasMessageContaining("must be JSON").hasMessageContaining(PATH.toString());
        assertThatThrownBy(() -> read("[]")).hasMessageContaining("must be an object");
    }

    private static OptionalInt none() {
        return OptionalInt.empty();
    }

    private static List<OptionalInt> windows(String modelType, String entries) {
        Architecture model = read("{'model_type': '" + modelType + "', " + SIZES + entries + "}");
        return model.layers().stream()
                .map(layer -> ((Attention) layer.attention().block()).window())
                .toList();
    }

    private static Optional<RotaryEmbedding> rotary(Architecture model, int layer) {
        return ((Attention) model.layers().get(layer).attention().block()).rotary();
    }

    private static Architecture read(String json) {
        return Families.read(ConfigJson.parse(json.replace('\'', '"'), PATH));
    }

    /** Later keys override earlier ones of the same name. */
    private static String with(String json, String entries) {
        return json.substring(0, json.length() - 1) + ", " + entries + "}";
    }
}
