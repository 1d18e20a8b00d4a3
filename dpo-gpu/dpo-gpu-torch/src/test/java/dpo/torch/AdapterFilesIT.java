package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Policy;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters in PEFT's format: what is written, and what reads it back. */
class AdapterFilesIT {

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
        for (LoraAdapter adapter :
                List.of(Opened.lora(4, 8, 0.1), Opened.lora(3, 7.5, 0, true, "q_proj", "layers.1.mlp.up_proj"))) {
            TorchModel model = BASE.with(precision);
            Path saved = folder.resolve("adapter of rank " + adapter.rank().orElseThrow());
            try (Policy policy = Opened.policy(model.with(adapter), 2)) {
                Opened.train(policy, ROWS, 2);
                policy.save(saved);
                try (Policy opened = Opened.policy(model.with(LoraAdapter.at(saved)), 2)) {
                    assertThat(opened.logProbs(ROWS).toArray())
                            .isEqualTo(policy.logProbs(ROWS).toArray());
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
    void an_adapter_is_saved_with_its_tokenizer_files_and_without_the_model() throws IOException {
        try (Policy policy = Opened.policy(BASE.with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        try (var files = Files.list(folder.resolve("saved"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains(
                            "adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "chat_template.jinja")
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
    void a_merged_model_has_the_stored_weights_for_every_dtype_of_matmuls() {
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
        Path adapter = CopiedAdapter.copied(folder);
        CopiedAdapter.replace(
                adapter.resolve("adapter_config.json"), "\"lora_dropout\": 0.0", "\"lora_dropout\": 0.25");
        LoraAdapter own = LoraAdapter.at(adapter);
        LoraAdapter given = new LoraAdapter(
                "lora",
                Optional.of(adapter),
                Optional.empty(),
                Optional.empty(),
                Optional.of(0.5),
                Optional.empty(),
                Optional.empty());
        assertThat(savedConfig(own)).contains("\"lora_dropout\" : 0.25");
        assertThat(savedConfig(given)).contains("\"lora_dropout\" : 0.5");
    }

    @Test
    void an_adapter_with_another_scale_or_other_projections_is_not_restored() {
        try (Policy policy = Opened.policy(BASE.with(Opened.lora(4, 8, 0)), 1)) {
            policy.save(folder.resolve("saved"));
        }
        for (LoraAdapter other :
                List.of(Opened.lora(4, 4, 0), Opened.lora(8, 16, 0), Opened.lora(4, 8, 0, false, "q_proj"))) {
            try (Policy policy = Opened.policy(BASE.with(other), 1)) {
                assertThatThrownBy(() -> policy.restore(folder.resolve("saved")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("saved");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ["mlp.gate_proj", "self_attn.v_proj", "q_proj", "down_proj", "w1"] | null | null | null
            '".*\\\\.(gate_proj|v_proj|q_proj|down_proj)"'                        | null | null | null
            "all-linear"                                | ["k_proj", "o_proj", "mlp.up_proj"]     | null | null
            "all-linear"                                | '".*(k_proj|o_proj|up_proj)"'             | null | null
            ["gate_proj", "v_proj", "q_proj", "down_proj"] | null | [0, 1, 2]                       | null
            ["gate_proj", "v_proj", "q_proj", "down_proj"] | null | [2, 1, 0, 7]                    | "layers"
            ["gate_proj", "v_proj", "q_proj", "down_proj"] | null | [0, 1, 2]                       | ["h", "lay.*"]
            """)
    void targets_in_every_form_of_peft_open_the_same_adapter(
            String targets, String excluded, String layers, String pattern) throws IOException {
        Path adapter = CopiedAdapter.copied(folder);
        CopiedAdapter.setTargets(adapter, targets);
        Path config = adapter.resolve("adapter_config.json");
        CopiedAdapter.replace(config, "\"exclude_modules\": null", "\"exclude_modules\": " + excluded);
        CopiedAdapter.replace(config, "\"layers_to_transform\": null", "\"layers_to_transform\": " + layers);
        CopiedAdapter.replace(config, "\"layers_pattern\": null", "\"layers_pattern\": " + pattern);
        try (Policy policy = Opened.policy(BASE.with(LoraAdapter.at(adapter)), 1);
                Policy golden = Opened.policy(BASE.with(LoraAdapter.at(GoldenLlama.adapter())), 1)) {
            assertThat(policy.fingerprint()).isEqualTo(golden.fingerprint());
        }
    }

    private String savedConfig(LoraAdapter adapter) throws IOException {
        Path saved = folder.resolve("saved with " + adapter.dropout());
        try (Policy policy = Opened.policy(BASE.with(adapter), 1)) {
            policy.save(saved);
        }
        return Files.readString(saved.resolve("adapter_config.json"));
    }
}
