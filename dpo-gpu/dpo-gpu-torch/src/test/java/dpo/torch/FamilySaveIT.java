package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.torch.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of every family in training, in files, and in rows longer than their windows. */
class FamilySaveIT {

    private static final AdamW SETTINGS = new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, 0.1, 1.0);
    private static final Pattern SPARED = Pattern.compile(".*(\\.bias|norm\\.weight|\\.ln_[12f]\\.weight)");
    private static final String LOAD = """
            model, info = transformers.AutoModelForCausalLM.from_pretrained(
                folder, attn_implementation="eager", output_loading_info=True)
            assert not any(info.values()), info
            assert model.config.dtype == torch.float32
            """;

    @TempDir
    private Path folder;

    static List<Variant> variants() {
        return Variant.all();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void a_trained_model_is_read_back_from_its_files_unchanged(Variant variant) {
        try (Policy policy = variant.open()) {
            train(policy);
            policy.save(folder.resolve("saved"));
            try (Policy saved =
                    new TorchBackend().open(TorchModel.at(folder.resolve("saved")), new Execution("cpu", 2), 0)) {
                assertThat(saved.logProbs(Variant.sequences()).toArray())
                        .isEqualTo(policy.logProbs(Variant.sequences()).toArray());
                assertThat(saved.fingerprint()).isNotEqualTo(policy.fingerprint());
            }
            try (Policy fresh = variant.open()) {
                fresh.restore(folder.resolve("saved"));
                assertThat(fresh.logProbs(Variant.sequences()).toArray())
                        .isEqualTo(policy.logProbs(Variant.sequences()).toArray());
            }
        }
    }

    @Test
    void a_trained_model_of_any_family_opens_in_transformers_with_the_same_log_probs() throws Exception {
        Transformers transformers = new Transformers();
        Map<String, double[][]> logProbs = new LinkedHashMap<>();
        for (Variant variant : Variant.all()) {
            try (Policy policy = variant.open()) {
                train(policy);
                policy.save(folder.resolve(variant.name()));
                logProbs.put(variant.name(), Transformers.rows(policy));
            }
        }
        transformers.requireLogProbs(LOAD, folder, logProbs);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void weight_decay_applies_to_everything_but_biases_and_norms(Variant variant) {
        try (TorchPolicy policy = variant.read(2);
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            Map<String, double[]> before = new LinkedHashMap<>();
            policy.parameters().all().forEach((name, tensor) -> before.put(name, Tensors.toDoubles(tensor)));
            optimizer.step(0.5);
            before.forEach((name, values) -> {
                double factor = SPARED.matcher(name).matches() ? 1 : 1 - 0.5 * 0.1;
                assertThat(Tensors.toDoubles(policy.parameters().get(name)))
                        .as(name)
                        .containsExactly(
                                Arrays.stream(values).map(v -> v * factor).toArray(), within(1e-6));
            });
        }
    }

    /** Whole rows of 700 tokens use the tiled kernel unless there is a soft cap; segments of packed rows do not. */
    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2_windows", "gemma2", "gemma3", "neox", "smollm3"})
    void windows_apply_in_long_rows_for_every_shared_prefix_and_kernel(String name) throws IOException {
        Path model = Files.createDirectory(folder.resolve("long"));
        Path of = new Variant(name).folder();
        Files.copy(of.resolve("model.safetensors"), model.resolve("model.safetensors"));
        Files.writeString(
                model.resolve("config.json"),
                Files.readString(of.resolve("config.json"))
                        .replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 800"));
        int[] ids = new int[700];
        Arrays.setAll(ids, i -> (i * i + 7 * i) % 37);
        int[] beginning = Arrays.copyOf(ids, 400);
        try (Policy policy = new TorchBackend().open(TorchModel.at(model), new Execution("cpu", 2), 0)) {
            double[] alone = policy.logProbs(List.of(scored(ids))).row(0);
            assertThat(policy.logProbs(List.of(scored(beginning), scored(ids))).row(1))
                    .containsExactly(alone, within(5e-5));
        }
    }

    private static TokenSequence scored(int[] ids) {
        return new TokenSequence(ids, List.of(new Span(1, ids.length)));
    }

    private static void train(Policy policy) {
        try (Optimizer optimizer = policy.optimizer(SETTINGS)) {
            try (ForwardPass pass = policy.forward(Variant.sequences())) {
                double[] gradient = pass.logProbs().toArray();
                Arrays.setAll(gradient, i -> Math.sin(i));
                pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
            }
            assertThat(optimizer.step(1e-2)).isPositive().isFinite();
        }
    }
}
