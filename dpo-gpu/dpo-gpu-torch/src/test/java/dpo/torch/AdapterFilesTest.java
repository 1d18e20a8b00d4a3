package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Policy;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters in PEFT's format: what is written, what is read back, and what is refused. */
class AdapterFilesTest {

    private static final List<TokenSequence> ROWS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 3)).sequences();
    private static final TorchModel BASE = TorchModel.at(GoldenLlama.folder());

    @TempDir
    private Path folder;

    static List<Variant> variants() {
        return Variant.all();
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void a_saved_adapter_opens_with_the_same_log_probs_bit_by_bit(Precision precision) {
        for (LoraAdapter adapter : List.of(
                Opened.lora(4, 8, 0.1),
                Opened.lora(3, 7.5, 0, true, "q_proj", "layers.1.mlp.up_proj"))) {
            TorchModel model = BASE.with(precision);
            Path saved = folder.resolve("adapter of rank " + adapter.rank().orElseThrow());
            try (Policy policy = Opened.policy(model.with(adapter), 2)) {
                Opened.train(policy, ROWS, 2);
                policy.save(saved);
                try (Policy opened = Opened.policy(model.with(LoraAdapter.at(saved)), 2)) {
                    assertThat(opened.logProbs(ROWS).toArray()).isEqualTo(policy.logProbs(ROWS).toArray());
                    assertThat(opened.fingerprint()).isNotEqualTo(policy.fingerprint());
                    opened.save(folder.resolve("again " + adapter.rank().orElseThrow()));
                }
            }
            assertThat(folder.resolve("again " + adapter.rank().orElseThrow() + "/adapter_model.safetensors"))
                    .hasSameBinaryContentAs(saved.resolve("adapter_model.safetensors"));
            assertThat(folder.resolve("again " + adapter.rank().orElseThrow() + "/adapter_config.json"))
                    .hasSameTextualContentAs(saved.resolve("adapter_config.json"));
        }
    }

    @Test
    void an_adapter_goes_with_the_files_of_its_tokenizer_and_without_the_model() throws IOException {
        try (Policy policy = Opened.policy(BASE.with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        try (var files = Files.list(folder.resolve("saved"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "chat_template.jinja")
                    .doesNotContain("config.json", "model.safetensors");
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void a_merged_model_has_the_log_probs_of_the_adapted_one_in_every_family(Variant variant) {
        try (Policy policy = Opened.policy(TorchModel.at(variant.folder()).with(Opened.lora(2, 4, 0)), 2)) {
            double[] before = policy.logProbs(Variant.sequences()).toArray();
            Opened.train(policy, Variant.sequences(), 3);
            double[] adapted = policy.logProbs(Variant.sequences()).toArray();
            assertThat(adapted).isNotEqualTo(before);
            policy.saveModel(folder.resolve("merged"));
            try (Policy merged = Opened.policy(TorchModel.at(folder.resolve("merged")), 2)) {
                assertThat(merged.logProbs(Variant.sequences()).toArray()).containsExactly(adapted, within(2e-5));
            }
            assertThat(policy.logProbs(Variant.sequences()).toArray()).isEqualTo(adapted);
        }
    }

    @Test
    void a_merged_model_has_the_stored_numbers_whatever_the_format_of_products() {
        try (Policy wide = Opened.policy(BASE, 1);
                Policy rounded = Opened.policy(BASE.with(Precision.BFLOAT16).with(Opened.lora(4, 8, 0)), 1)) {
            wide.save(folder.resolve("wide"));
            rounded.saveModel(folder.resolve("merged with B = 0"));
        }
        assertThat(folder.resolve("merged with B = 0/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("wide/model.safetensors"));
    }

    @Test
    void a_model_without_an_adapter_is_saved_as_a_model() {
        try (Policy policy = Opened.policy(BASE, 1)) {
            policy.save(folder.resolve("one"));
            policy.saveModel(folder.resolve("other"));
        }
        assertThat(folder.resolve("other/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("one/model.safetensors"));
    }

    @Test
    void dropout_of_a_read_adapter_is_its_own_or_the_given_one() throws IOException {
        Path adapter = copied();
        replace(adapter.resolve("adapter_config.json"), "\"lora_dropout\": 0.0", "\"lora_dropout\": 0.25");
        LoraAdapter own = LoraAdapter.at(adapter);
        LoraAdapter given = new LoraAdapter("lora", Optional.of(adapter), Optional.empty(), Optional.empty(),
                Optional.of(0.5), Optional.empty(), Optional.empty());
        assertThat(savedConfig(own)).contains("\"lora_dropout\" : 0.25");
        assertThat(savedConfig(given)).contains("\"lora_dropout\" : 0.5");
    }

    @Test
    void an_adapter_of_another_scale_or_of_other_projections_is_not_restored() {
        try (Policy policy = Opened.policy(BASE.with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        for (LoraAdapter other : List.of(
                Opened.lora(4, 4, 0), Opened.lora(8, 16, 0), Opened.lora(4, 8, 0, false, "q_proj"))) {
            try (Policy policy = Opened.policy(BASE.with(other), 1)) {
                assertThatThrownBy(() -> policy.restore(folder.resolve("saved")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("saved");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "use_dora": false        | "use_dora": true                       | use_dora must be absent, since it is not computed here, got true
            "modules_to_save": null  | "modules_to_save": ["lm_head"]         | modules_to_save must be absent, since it is not computed here, got ["lm_head"]
            "rank_pattern": {}       | "rank_pattern": {"q_proj": 8}          | rank_pattern must be absent, since it is not computed here, got {"q_proj":8}
            "alpha_pattern": {}      | "alpha_pattern": {"q_proj": 8}         | alpha_pattern must be absent
            "lora_bias": false       | "lora_bias": true                      | lora_bias must be absent
            "use_bdlora": null       | "use_something_new": 3                 | use_something_new must be absent, since it is not computed here, got 3
            "peft_type": "LORA"      | "peft_type": "IA3"                     | peft_type must be LORA, got "IA3"
            "bias": "none"           | "bias": "all"                          | bias must be none, got "all"
            "r": 4,                  | "r": 0,                                | r must be at least 1, got 0
            "r": 4,                  | "r": 5,                                | shape
            "r": 4,                  |                                        | r must be a whole number, got nothing
            "lora_alpha": 8          | "lora_alpha": "much"                   | lora_alpha must be a number, got "much"
            "lora_alpha": 8          | "lora_alpha": -8                       | lora_alpha must be
            "lora_dropout": 0.0      | "lora_dropout": 1.0                    | dropout must be in [0, 1), got 1.0
            "lora_dropout": 0.0      | "lora_dropout": "much"                 | lora_dropout must be a number, got "much"
            "use_rslora": false      | "use_rslora": "yes"                    | use_rslora must be true or false, got "yes"
            "init_lora_weights": true | "init_lora_weights": "pissa"          | init_lora_weights must be true, false or gaussian, which leave the model as it is, got "pissa"
            "r": 4,                  | "r": 4.5,                              | r must be a whole number, got 4.5
            """)
    void a_setting_that_is_not_computed_here_is_refused(String what, String by, String message) throws IOException {
        Path adapter = copied();
        replace(adapter.resolve("adapter_config.json"), what, by == null ? "" : by);
        assertThatThrownBy(() -> Opened.policy(BASE.with(LoraAdapter.at(adapter)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(adapter.toString());
    }

    @Test
    void a_missing_or_foreign_file_is_refused_by_name() throws IOException {
        Path adapter = copied();
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
        try (Policy policy = Opened.policy(TorchModel.at(new Variant("gpt2").folder()).with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        refused(folder.resolve("saved"), "transformer.h.0");
        try (Policy policy = Opened.policy(TorchModel.at(new Variant("qwen2").folder()).with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("qwen2"));
        }
        refused(folder.resolve("qwen2"), "shape");
    }

    @Test
    void targets_that_the_model_does_not_have_are_refused_with_those_that_it_has() {
        assertThatThrownBy(() -> Opened.policy(BASE.with(Opened.lora(4, 8, 0, false, "q_proj", "c_attn")), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("targets must be projections of the model, [down_proj, gate_proj, k_proj, o_proj, q_proj,"
                        + " up_proj, v_proj] or all-linear, got c_attn");
    }

    @Test
    void settings_out_of_range_or_beside_an_adapter_that_brings_them_are_refused() {
        assertThatThrownBy(() -> new LoraAdapter("lora", Optional.of(folder), Optional.of(8), Optional.empty(),
                        Optional.empty(), Optional.empty(), Optional.empty()))
                .hasMessage("path must stand without rank, alpha, targets and rslora, which are the adapter's own");
        assertThatThrownBy(() -> Opened.lora(0, 8, 0)).hasMessage("rank must be at least 1, got 0");
        assertThatThrownBy(() -> Opened.lora(4, 0, 0)).hasMessageContaining("alpha must be");
        assertThatThrownBy(() -> Opened.lora(4, Double.NaN, 0)).hasMessageContaining("alpha must be");
        assertThatThrownBy(() -> Opened.lora(4, 8, 1)).hasMessage("dropout must be in [0, 1), got 1.0");
        assertThatThrownBy(() -> Opened.lora(4, 8, Double.NaN)).hasMessage("dropout must be in [0, 1), got NaN");
        assertThatThrownBy(() -> Opened.lora(4, 8, 0, false))
                .hasMessage("targets must name at least one projection, got none");
        assertThatThrownBy(() -> new LoraAdapter("ia3", Optional.empty(), Optional.empty(), Optional.empty(),
                        Optional.empty(), Optional.empty(), Optional.empty()))
                .hasMessage("type must be lora, got ia3");
    }

    private void refused(Path adapter, String message) {
        assertThatThrownBy(() -> Opened.policy(BASE.with(LoraAdapter.at(adapter)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(adapter.toString());
    }

    private String savedConfig(LoraAdapter adapter) throws IOException {
        Path saved = folder.resolve("saved with " + adapter.dropout());
        try (Policy policy = Opened.policy(BASE.with(adapter), 1)) {
            policy.save(saved);
        }
        return Files.readString(saved.resolve("adapter_config.json"));
    }

    private Path copied() throws IOException {
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(GoldenLlama.adapter().resolve(name), adapter.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        return adapter;
    }

    private static void replace(Path file, String what, String by) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(what);
        Files.writeString(file, text.replace(what, by));
    }
}
