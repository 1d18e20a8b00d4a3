package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.BackendContract;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.family.Llama;
import dpo.torch.model.FreshModel;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TorchBackendTest implements BackendContract {

    private static final FreshModel FRESH = new FreshModel(GoldenLlama.folder(), 40, 16, 24, 2, 4, 2, 32, true, 0.3);
    private static final Execution CPU = new Execution("cpu", 2);

    /** One backend for all policies, as in a program. */
    private final TorchBackend backend = new TorchBackend();

    @Override
    public Policy open() {
        return backend.open(TorchModel.of(FRESH), CPU, 1);
    }

    @Override
    public List<TokenSequence> sequences() {
        return List.of(
                TokenSequence.of(new int[] {4, 9}, new int[] {1, 2, 3, 3, 0}),
                TokenSequence.of(new int[] {4, 9}, new int[] {39}),
                TokenSequence.of(new int[] {5, 2, 8}, new int[] {1, 1}),
                new TokenSequence(new int[] {4, 3, 2, 1, 2, 2, 30}, List.of(new Span(1, 2), new Span(4, 6))),
                TokenSequence.of(new int[] {4, 9, 1}, new int[] {2, 1, 7, 7, 7, 7}));
    }

    @Override
    public double tolerance() {
        return 1e-5;
    }

    @Test
    void training_in_parallel_gives_the_same_bits_as_training_alone() throws Exception {
        String alone = trained();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (Future<String> trained : threads.invokeAll(List.<Callable<String>>of(this::trained, this::trained))) {
                assertThat(trained.get()).isEqualTo(alone);
            }
        } finally {
            threads.shutdown();
        }
    }

    private String trained() {
        try (Policy policy = open()) {
            Opened.train(policy, sequences(), 10);
            return Arrays.toString(policy.logProbs(sequences()).toArray());
        }
    }

    @Test
    void the_backend_is_found_by_its_name() {
        List<String> names = new ArrayList<>();
        for (Backend<?> found : ServiceLoader.load(Backend.class)) {
            names.add(found.name());
        }
        assertThat(names).contains("torch");
        assertThat(backend.modelSettings()).isEqualTo(TorchModel.class);
    }

    @Test
    void the_cpu_is_available_and_a_missing_gpu_is_reported_and_never_replaced() {
        assertThat(backend.availability("cpu")).isEqualTo(new Availability.Available());
        assertThat(backend.availability("cuda:99")).isInstanceOf(Availability.Missing.class);
        assertThatThrownBy(() -> backend.open(TorchModel.of(FRESH), new Execution("cuda:99", 1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cuda:99");
        assertThatThrownBy(() -> backend.availability("tpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("device must be cpu, cuda or cuda:N, got tpu");
    }

    @Test
    void the_weights_of_a_fresh_model_follow_from_the_seed() {
        try (Policy one = backend.open(TorchModel.of(FRESH), CPU, 1);
                Policy same = backend.open(TorchModel.of(FRESH), CPU, 1);
                Policy other = backend.open(TorchModel.of(FRESH), CPU, 2)) {
            assertThat(same.fingerprint()).isEqualTo(one.fingerprint());
            assertThat(other.fingerprint()).isNotEqualTo(one.fingerprint());
        }
    }

    @Test
    void the_family_of_a_model_is_part_of_its_code() {
        assertThat(backend.code(TorchModel.at(GoldenLlama.folder()))).containsExactly(Llama.class);
        assertThat(backend.code(TorchModel.of(FRESH))).containsExactly(Llama.class);
    }

    @Test
    void a_model_has_either_a_path_or_random_weights() {
        assertThatThrownBy(() -> model(Optional.empty(), Optional.empty()))
                .hasMessage("path must be given, or fresh, or world, and only one of them, got 0");
        assertThatThrownBy(() -> model(Optional.of(GoldenLlama.folder()), Optional.of(FRESH)))
                .hasMessage("path must be given, or fresh, or world, and only one of them, got 2");
        assertThatThrownBy(() -> new FreshModel(GoldenLlama.folder(), 40, 20, 24, 2, 4, 2, 32, true, 0.3))
                .hasMessage("hidden_size must be a multiple of 2 * heads = 8, got 20");
        assertThatThrownBy(() -> new FreshModel(GoldenLlama.folder(), 40, 16, 24, 2, 4, 3, 32, true, 0.3))
                .hasMessage("num_key_value_heads must divide num_attention_heads (4), got 3");
    }

    private static TorchModel model(Optional<Path> path, Optional<FreshModel> fresh) {
        return new TorchModel(path, fresh, Optional.empty(), Precision.FLOAT32, Optional.empty(), false);
    }

    @Test
    void policies_with_another_dtype_need_other_settings_of_the_process() {
        TorchModel model = TorchModel.of(FRESH);
        Map<String, String> settings = backend.processSettings(model, CPU);
        assertThat(backend.processSettings(model.withCheckpointing(), CPU)).isEqualTo(settings);
        assertThat(backend.processSettings(model.with(Precision.BFLOAT16), CPU)).isNotEqualTo(settings);
        assertThat(backend.processSettings(model, new Execution("cuda", 1))).isNotEqualTo(settings);
    }

    @Test
    void the_diagnostics_list_version_devices_settings_and_accuracy_of_matmuls() {
        assertThat(backend.diagnostics())
                .containsKeys("libtorch", "NVIDIA driver", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY", "float32 rate")
                .hasEntrySatisfying("float32 matmul", fact -> assertThat(fact).contains("error"));
    }

    @Test
    void a_run_records_the_versions_of_its_native_libraries_and_what_chooses_their_kernels() {
        assertThat(backend.environment())
                .containsKeys("libtorch", "javacpp", "openblas", "onednn", "instructions")
                .hasEntrySatisfying("openblas", version -> assertThat(version).matches("\\d+\\.\\d+.*"));
        assertThat(Diagnostics.recorded(Map.of("OPENBLAS_CORETYPE", "Prescott", "HOME", "/")))
                .containsEntry("OPENBLAS_CORETYPE", "Prescott")
                .doesNotContainKey("HOME");
    }

    @Test
    void matmuls_are_as_accurate_as_float32_allows() {
        for (int threads = 1; threads <= 3; threads++) {
            ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), threads);
            assertThat(device.error()).isPositive().isLessThan(ComputeDevice.LARGEST_ERROR);
        }
    }
}
