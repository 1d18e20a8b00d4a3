package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dpo.core.backend.AdamW;
import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Workload;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged model and adapter folders: the {@code torch} backend opens and trains them, or refuses them with an error
 * that names the folder, before a tensor is created. No other exception, no native error, no hang.
 */
class ModelFolderFuzzIT {

    private static final int USUALLY = 100;
    private static final Path RESOURCES = Launched.root().resolve("dpo-gpu/dpo-gpu-torch/src/test/resources");
    private static final List<TokenSequence> ROWS =
            List.of(new TokenSequence(new int[] {1, 2, 3, 1}, List.of(new TokenSequence.Span(1, 4))));
    private static final AdamW SETTINGS = new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, 0.01, 1.0);
    private static final Backend<?> TORCH = Backends.onClassPath().find("torch").orElseThrow();

    @TempDir
    private Path scratch;

    @BeforeEach
    void requireLibtorch() {
        assumeTrue(TORCH.availability("cpu") instanceof Availability.Available, "libtorch is not available");
    }

    @Test
    void configurations_are_read_or_refused() throws IOException {
        for (String variant :
                List.of("tied_linear_bf16", "gpt2", "neox", "gemma3", "smollm3_listed", "qwen2_windows")) {
            Path model = copied(RESOURCES.resolve("variants").resolve(variant), variant);
            Path config = model.resolve("config.json");
            new Campaign(131, List.of(Files.readAllBytes(config))).run(USUALLY / 4, Mutator::any, mutant -> {
                Files.write(config, mutant);
                requireOpenedOrRefused(model, Optional.empty(), model);
            });
        }
    }

    @Test
    void headers_of_weights_are_read_or_refused() throws IOException {
        Path model = copied(RESOURCES.resolve("variants/tied_linear_bf16"), "model");
        Path weights = model.resolve("model.safetensors");
        byte[] file = Files.readAllBytes(weights);
        int dataStart = Long.BYTES
                + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] data = Arrays.copyOfRange(file, dataStart, file.length);
        new Campaign(132, List.of(Arrays.copyOfRange(file, Long.BYTES, dataStart)))
                .run(USUALLY, Mutator::any, mutant -> {
                    ByteArrayOutputStream changed = new ByteArrayOutputStream();
                    changed.writeBytes(ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(mutant.length)
                            .array());
                    changed.writeBytes(mutant);
                    changed.writeBytes(data);
                    Files.write(weights, changed.toByteArray());
                    requireOpenedOrRefused(model, Optional.empty(), model);
                });
        new Campaign(133, List.of(file)).run(USUALLY, Mutator::bytes, mutant -> {
            Files.write(weights, mutant);
            requireOpenedOrRefused(model, Optional.empty(), model);
        });
    }

    @Test
    void indexes_of_several_files_are_read_or_refused() throws IOException {
        Path model = copied(RESOURCES.resolve("variants/untied_biases_sharded"), "model");
        Path index = model.resolve("model.safetensors.index.json");
        new Campaign(134, List.of(Files.readAllBytes(index))).run(USUALLY, Mutator::any, mutant -> {
            Files.write(index, mutant);
            requireOpenedOrRefused(model, Optional.empty(), model);
        });
    }

    @Test
    void adapters_are_read_or_refused() throws IOException {
        Path adapter = copied(RESOURCES.resolve("lora-adapter-initial"), "adapter");
        Path config = adapter.resolve("adapter_config.json");
        byte[] valid = Files.readAllBytes(config);
        new Campaign(135, List.of(valid)).run(USUALLY, Mutator::any, mutant -> {
            Files.write(config, mutant);
            requireOpenedOrRefused(RESOURCES.resolve("llama"), Optional.of(adapter), adapter);
        });
        Files.write(config, valid);
        Path weights = adapter.resolve("adapter_model.safetensors");
        new Campaign(136, List.of(Files.readAllBytes(weights))).run(USUALLY, Mutator::bytes, mutant -> {
            Files.write(weights, mutant);
            requireOpenedOrRefused(RESOURCES.resolve("llama"), Optional.of(adapter), adapter);
        });
    }

    private static void requireOpenedOrRefused(Path model, Optional<Path> adapter, Path damaged) {
        requireOpenedOrRefused(TORCH, model, adapter, damaged);
    }

    private static <M extends Record> void requireOpenedOrRefused(
            Backend<M> torch, Path model, Optional<Path> adapter, Path damaged) {
        M settings = ConfigValue.model(torch, model, Optional.empty(), adapter);
        boolean estimated = false;
        try {
            torch.memory(settings, new Workload("cpu", 1, List.of(ROWS), List.of(ROWS), false, false));
            estimated = true;
            try (Policy policy = torch.open(settings, new Execution("cpu", 1), 1)) {
                if (policy.maxLength() >= ROWS.get(0).length()) {
                    train(policy);
                }
            }
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).contains(damaged.toString());
            // Errors in headers are found before weights are read; only the numbers remain.
            assertThat(estimated).isEqualTo(refused.getMessage().contains("weights must be finite"));
        }
    }

    private static void train(Policy policy) {
        try (Optimizer optimizer = policy.optimizer(SETTINGS);
                ForwardPass pass = policy.forward(ROWS)) {
            TokenShape shape = TokenShape.of(ROWS);
            pass.backward(TokenGradient.of(shape, new double[shape.tokens()]));
            optimizer.step(1e-3);
        }
    }

    private Path copied(Path folder, String name) throws IOException {
        Path copy = Files.createDirectory(scratch.resolve(name));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }
}
