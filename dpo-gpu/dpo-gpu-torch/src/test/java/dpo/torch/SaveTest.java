package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.tensor.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveTest {

    private static final AdamW SETTINGS = new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, 0.01, 1.0);
    private static final List<TokenSequence> ROWS =
            new PreferenceBatch(GoldenLlama.pairs().subList(0, 3)).sequences();

    @TempDir
    private Path folder;

    @Test
    void a_saved_model_opens_with_the_same_log_probs_bit_by_bit() {
        try (Policy policy = open(GoldenLlama.folder());
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            train(policy, optimizer, 2);
            policy.save(folder.resolve("saved"));
            try (Policy saved = open(folder.resolve("saved"))) {
                assertThat(saved.logProbs(ROWS).toArray())
                        .isEqualTo(policy.logProbs(ROWS).toArray());
                assertThat(saved.fingerprint()).isNotEqualTo(policy.fingerprint());
            }
        }
    }

    @Test
    void a_saved_folder_is_a_complete_checkpoint() throws IOException {
        try (Policy policy = open(GoldenLlama.folder())) {
            policy.save(folder.resolve("saved"));
            assertThat(policy.tokenizerFolder()).contains(GoldenLlama.folder());
        }
        try (Stream<Path> original = Files.list(GoldenLlama.folder());
                Stream<Path> saved = Files.list(folder.resolve("saved"))) {
            assertThat(saved.map(p -> p.getFileName().toString()).toList())
                    .containsExactlyInAnyOrderElementsOf(
                            original.map(p -> p.getFileName().toString()).toList());
        }
        assertThat(folder.resolve("saved/tokenizer.json"))
                .hasSameBinaryContentAs(GoldenLlama.folder().resolve("tokenizer.json"));
    }

    @Test
    void an_unchanged_model_keeps_its_fingerprint_through_save_and_open() {
        try (Policy policy = open(GoldenLlama.folder())) {
            policy.save(folder.resolve("saved"));
            try (Policy saved = open(folder.resolve("saved"))) {
                assertThat(saved.fingerprint()).isEqualTo(policy.fingerprint()).hasSize(64);
            }
        }
    }

    @Test
    void training_resumes_from_restored_weights_and_moments_bit_by_bit() throws IOException {
        Path weights = folder.resolve("weights");
        Path moments = Files.createDirectory(folder.resolve("moments"));
        double[] uninterrupted;
        try (Policy policy = open(GoldenLlama.folder());
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            train(policy, optimizer, 2);
            policy.save(weights);
            optimizer.save(moments);
            train(policy, optimizer, 2);
            uninterrupted = policy.logProbs(ROWS).toArray();
        }
        try (Policy policy = open(GoldenLlama.folder());
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            policy.restore(weights);
            optimizer.restore(moments);
            train(policy, optimizer, 2);
            assertThat(policy.logProbs(ROWS).toArray()).isEqualTo(uninterrupted);
        }
    }

    @Test
    void two_runs_end_with_the_same_bits() {
        assertThat(hashAfterThreeSteps()).isEqualTo(hashAfterThreeSteps());
    }

    @Test
    void a_folder_that_is_not_empty_is_not_written_to() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "mine");
        try (Policy policy = open(GoldenLlama.folder())) {
            assertThatThrownBy(() -> policy.save(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("folder must be empty, got " + folder);
        }
        assertThat(folder.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void weights_of_another_architecture_are_not_restored() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(
                other.resolve("config.json"),
                Files.readString(GoldenLlama.folder().resolve("config.json")).replace("10000.0", "20000.0"));
        Files.copy(GoldenLlama.folder().resolve("model.safetensors"), other.resolve("model.safetensors"));
        try (Policy policy = open(GoldenLlama.folder())) {
            assertThatThrownBy(() -> policy.restore(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("policy's architecture");
        }
    }

    private static String hashAfterThreeSteps() {
        try (TorchPolicy policy =
                        TorchPolicy.read(GoldenLlama.folder(), ComputeDevice.configure(new TorchDevice("cpu"), 2));
                Optimizer optimizer = policy.optimizer(SETTINGS)) {
            train(policy, optimizer, 3);
            return policy.parameters().sha256("");
        }
    }

    private static void train(Policy policy, Optimizer optimizer, int steps) {
        for (int step = 0; step < steps; step++) {
            try (ForwardPass pass = policy.forward(ROWS)) {
                double[] gradient = pass.logProbs().toArray();
                Arrays.setAll(gradient, i -> 0.1 * Math.sin(i) - 0.01 * gradient[i]);
                pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
            }
            assertThat(optimizer.step(1e-3)).isPositive().isFinite();
        }
    }

    private static Policy open(Path path) {
        return new TorchBackend().open(TorchModel.at(path), new Execution("cpu", 2), 0);
    }
}
