package dpo.torch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Policy;
import dpo.core.backend.Workload;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.lora.LoraAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders in PEFT's format that are no adapter of the model, or that PEFT reads differently, are refused. */
class RejectedAdaptersIT {

    private static final List<TokenSequence> ROWS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 3)).sequences();
    private static final TorchModel BASE = TorchModel.at(GoldenLlama.folder());
    private static final TorchBackend BACKEND = new TorchBackend();
    private static final Workload WORKLOAD = new Workload("cpu", 3, List.of(ROWS), List.of(ROWS), false, false);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "use_dora": false        | "use_dora": true                       | use_dora must be absent, since it is not supported, got true
            "modules_to_save": null  | "modules_to_save": ["lm_head"]         | modules_to_save must be absent, since it is not supported, got ["lm_head"]
            "rank_pattern": {}       | "rank_pattern": {"q_proj": 8}          | rank_pattern must be absent, since it is not supported, got {"q_proj":8}
            "alpha_pattern": {}      | "alpha_pattern": {"q_proj": 8}         | alpha_pattern must be absent
            "lora_bias": false       | "lora_bias": true                      | lora_bias must be absent
            "use_bdlora": null       | "use_something_new": 3                 | use_something_new must be absent, since it is not supported, got 3
            "peft_type": "LORA"      | "peft_type": "IA3"                     | peft_type must be LORA, got "IA3"
            "bias": "none"           | "bias": "all"                          | bias must be none, got "all"
            "r": 4,                  | "r": 0,                                | r must be at least 1, got 0
            "r": 4,                  | "r": 5,                                | shape
            "r": 4,                  |                                        | r must be a whole number below 2^31, got nothing
            "lora_alpha": 8          | "lora_alpha": "much"                   | lora_alpha must be a number, got "much"
            "lora_alpha": 8          | "lora_alpha": -8                       | lora_alpha must be
            "lora_dropout": 0.0      | "lora_dropout": 1.0                    | dropout must be in [0.0, 1.0), got 1.0
            "lora_dropout": 0.0      | "lora_dropout": "much"                 | lora_dropout must be a number, got "much"
            "use_rslora": false      | "use_rslora": "yes"                    | use_rslora must be true or false, got "yes"
            "init_lora_weights": true | "init_lora_weights": "pissa"          | init_lora_weights must be true, false or gaussian, which do not change the model, got "pissa"
            "r": 4,                  | "r": 4.5,                              | r must be a whole number below 2^31, got 4.5
            "r": 4,                  | "r": 4294967296,                       | r must be a whole number below 2^31, got 4294967296
            "r": 4,                  | "r": true,                             | r must be a whole number below 2^31, got true
            "r": 4,                  | "r": -4,                               | r must be at least 1, got -4
            "lora_alpha": 8          | "lora_alpha": 1e308                    | lora_alpha must give a scale within float32, got a scale of 2.5E307
            "lora_alpha": 8          | "lora_alpha": 1e-60                    | lora_alpha must give a scale within float32
            "lora_alpha": 8          | "lora_alpha": 1e400                    | lora_alpha must be positive and finite, got Infinity
            "lora_alpha": 8          | "lora_alpha": NaN                      | lora_alpha must be positive and finite, got NaN
            "lora_alpha": 8          | "lora_alpha": "8"                      | lora_alpha must be a number, got "8"
            "bias": "none"           | "bias": 0                              | bias must be none, got 0
            "target_modules": [      | "target_modules": null, "auto_mapping": [       | target_modules must be a list of names, a regular expression or all-linear, got null
            "target_modules": [      | "target_modules": [], "auto_mapping": [         | target_modules must be a list of names, a regular expression or all-linear, got []
            "target_modules": [      | "target_modules": [3,                  | target_modules must be a list of names or a regular expression, got [3,
            "exclude_modules": null  | "exclude_modules": {"a": 1}            | exclude_modules must be a list of names or a regular expression, got {"a":1}
            "layers_to_transform": null | "layers_to_transform": [0.5]        | layers_to_transform must be a whole number or a list of them, got [0.5]
            "layers_pattern": null   | "layers_pattern": "layers"             | layers_pattern must be absent without layers_to_transform, got "layers"
            """)
    void an_unsupported_setting_is_refused(String what, String by, String message) throws IOException {
        Path adapter = CopiedAdapter.copied(folder);
        CopiedAdapter.replace(adapter.resolve("adapter_config.json"), what, by == null ? "" : by);
        assertThatThrownBy(() -> Opened.policy(BASE.with(LoraAdapter.at(adapter)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(adapter.toString());
    }

    /** The golden adapter is of gate_proj, v_proj, q_proj and down_proj in each of three layers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ["k_proj", "q_proj"]               | self_attn.k_proj.lora_A.weight is missing
            ["q_proj"]                         | self_attn.v_proj.lora_A.weight is unexpected
            "all-linear"                       | self_attn.k_proj.lora_B.weight is missing
            "All-Linear"                       | mlp.up_proj.lora_A.weight is missing
            '".*\\\\.(q_proj|k_proj)"'            | self_attn.k_proj.lora_A.weight is missing
            "q_proj"                           | self_attn.q_proj.lora_A.weight is unexpected
            "(x+x+)+y"                         | is unexpected
            ".*.*.*.*.*.*.*.*#"                  | target_modules must match within
            "(?P<open"                         | target_modules must be a regular expression, got (?P<open
            ["gate_proj", "v_proj", "q_proj", "down_proj", "lm_head"] | got lm_head
            ["gate_proj", "v_proj", "q_proj", "down_proj", "embed_tokens"] | got model.embed_tokens
            """)
    void an_adapter_file_without_the_matrices_of_its_targets_is_refused_by_name(String targets, String message)
            throws IOException {
        Path adapter = CopiedAdapter.copied(folder);
        CopiedAdapter.setTargets(adapter, targets);
        refused(adapter, message);
        assertThatThrownBy(() -> BACKEND.memory(BASE.with(LoraAdapter.at(adapter)), WORKLOAD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void an_adapter_file_must_have_the_tensors_of_the_selected_layers_and_no_others() throws IOException {
        Path adapter = CopiedAdapter.copied(folder);
        Path config = adapter.resolve("adapter_config.json");
        CopiedAdapter.replace(config, "\"layers_to_transform\": null", "\"layers_to_transform\": [0, 2]");
        refused(adapter, "model.layers.1.mlp.down_proj.lora_A.weight is unexpected");
        CopiedAdapter.replace(config, "\"layers_to_transform\": [0, 2]", "\"layers_to_transform\": 1");
        refused(adapter, "model.layers.0.mlp.down_proj.lora_A.weight is unexpected");
        CopiedAdapter.replace(config, "\"layers_to_transform\": 1", "\"layers_to_transform\": null");
        Files.delete(adapter.resolve("adapter_model.safetensors"));
        SafetensorsWriter.write(adapter.resolve("adapter_model.safetensors"), Map.of(), List.of());
        refused(adapter, "model.layers.0.self_attn.q_proj.lora_A.weight is missing");
        CopiedAdapter.setTargets(adapter, "[\"c_attn\"]");
        refused(
                adapter,
                "target_modules must name projections of the model's layers ([down_proj, gate_proj, k_proj, o_proj,"
                        + " q_proj, up_proj, v_proj]), got none of them");
    }

    @Test
    void a_missing_or_foreign_file_is_refused_by_name() throws IOException {
        Path adapter = CopiedAdapter.copied(folder);
        Path config = adapter.resolve("adapter_config.json");
        Files.delete(adapter.resolve("adapter_model.safetensors"));
        refused(adapter, "adapter_model.safetensors");
        Files.copy(GoldenLlama.folder().resolve("model.safetensors"), adapter.resolve("adapter_model.safetensors"));
        refused(adapter, "adapter_model.safetensors");
        Files.writeString(config, "[]");
        refused(adapter, "adapter_config.json must be an object, got ARRAY");
        Files.writeString(config, "{");
        refused(adapter, "adapter_config.json must be JSON");
        Files.delete(config);
        refused(adapter, "adapter folder must hold adapter_config.json, got none");
        refused(folder.resolve("nowhere"), "adapter folder must hold adapter_config.json, got none");
    }

    @Test
    void an_adapter_of_another_model_is_refused() {
        try (Policy policy =
                Opened.policy(TorchModel.at(new Variant("gpt2").folder()).with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        refused(folder.resolve("saved"), "transformer.h.0");
        try (Policy policy =
                Opened.policy(TorchModel.at(new Variant("qwen2").folder()).with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("qwen2"));
        }
        refused(folder.resolve("qwen2"), "shape");
    }

    @Test
    void unknown_targets_are_refused_with_a_list_of_projections() {
        assertThatThrownBy(() -> Opened.policy(BASE.with(Opened.lora(4, 8, 0, false, "q_proj", "c_attn")), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("targets must be projections of the model, [down_proj, gate_proj, k_proj, o_proj, q_proj,"
                        + " up_proj, v_proj] or all-linear, got c_attn");
    }

    @Test
    void settings_out_of_range_or_next_to_an_adapter_folder_are_refused() {
        assertThatThrownBy(() -> new LoraAdapter(
                        "lora",
                        Optional.of(folder),
                        Optional.of(8),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessage(
                        "path must be given without rank, alpha, targets and rslora, which the adapter's folder gives, got "
                                + folder);
        assertThatThrownBy(() -> Opened.lora(0, 8, 0)).hasMessage("rank must be at least 1, got 0");
        assertThatThrownBy(() -> Opened.lora(4, 0, 0)).hasMessageContaining("alpha must be");
        assertThatThrownBy(() -> Opened.lora(4, Double.NaN, 0)).hasMessageContaining("alpha must be");
        assertThatThrownBy(() -> Opened.lora(4, 8, 1)).hasMessage("dropout must be in [0.0, 1.0), got 1.0");
        assertThatThrownBy(() -> Opened.lora(4, 8, Double.NaN)).hasMessage("dropout must be in [0.0, 1.0), got NaN");
        assertThatThrownBy(() -> Opened.lora(4, 8, 0, false))
                .hasMessage("targets must name at least one projection, got none");
        assertThatThrownBy(() -> new LoraAdapter(
                        "ia3",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessage("type must be lora, got ia3");
    }

    private void refused(Path adapter, String message) {
        assertThatThrownBy(() -> Opened.policy(BASE.with(LoraAdapter.at(adapter)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(adapter.toString());
    }
}
