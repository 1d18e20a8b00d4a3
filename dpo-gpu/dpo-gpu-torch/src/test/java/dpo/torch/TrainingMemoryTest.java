package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.EstimateError;
import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.Policy;
import dpo.core.backend.Workload;
import dpo.core.sequence.TokenSequence;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.memory.MeasuredPeak;
import dpo.torch.memory.MemoryCalibration;
import dpo.torch.model.FreshModel;
import dpo.torch.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The estimate compared with measured peaks, and with counts by hand. */
class TrainingMemoryTest {

    private static final Path NONE = Path.of("none");

    private static final MemoryCalibration CALIBRATION = MemoryCalibration.builtIn();

    @Test
    void the_estimate_is_at_most_25_percent_above_and_2_percent_below_a_peak_that_it_was_fitted_to() {
        assertThat(CALIBRATION.fitted()).hasSize(25).allSatisfy(peak -> assertThat(
                        (double) CALIBRATION.estimate(peak) / peak.peakBytes())
                .as(peak.toString())
                .isBetween(0.98, 1.25));
    }

    /** The peaks of a processor without AMX, whose matmuls compile less code than the constants assume. */
    @Test
    void the_estimate_is_at_most_13_percent_below_a_held_out_peak_and_25_above_one_of_1_GB_or_62_above_a_smaller_one() {
        assertThat(CALIBRATION.heldOut()).hasSize(12).allSatisfy(peak -> {
            double highest = peak.peakBytes() > 1e9 ? 1.25 : 1.62;
            assertThat((double) CALIBRATION.estimate(peak) / peak.peakBytes())
                    .as(peak.toString())
                    .isBetween(0.87, highest);
        });
        EstimateError error = CALIBRATION.ofDevice("cpu").error().orElseThrow();
        assertThat(error.measurements()).isEqualTo(12);
        assertThat(error.lowest()).isCloseTo(-0.124, within(0.001));
        assertThat(error.highest()).isCloseTo(0.611, within(0.001));
        assertThat(CALIBRATION.ofDevice("cuda").error()).isEmpty();
    }

    @Test
    void the_estimate_of_the_measured_trainings_equals_that_of_the_backend() {
        assertThat(CALIBRATION.fitted().stream().map(CALIBRATION::estimate))
                .containsExactly(
                        401678694L,
                        1811767961L,
                        2799220723L,
                        3639091945L,
                        2948329888L,
                        4018087379L,
                        2193512108L,
                        1397358131L,
                        2827790752L,
                        2029006518L,
                        3111233872L,
                        1102052252L,
                        836976486L,
                        678333849L,
                        1305493593L,
                        1743240140L,
                        1216023500L,
                        1302719436L,
                        3071466330L,
                        5755915024L,
                        4991180545L,
                        3408525568L,
                        5483993376L,
                        651529164L,
                        11983384576L);
        for (MeasuredPeak peak : CALIBRATION.fitted()) {
            TorchModel model =
                    TorchModel.of(CALIBRATION.shape(peak).fresh(NONE)).with(peak.dtype());
            model = peak.adapter().map(model::with).orElse(model);
            model = peak.checkpointing() ? model.withCheckpointing() : model;
            List<TokenSequence> rows = rows(peak.microBatch(), peak.prompt(), peak.chosen(), peak.rejected());
            MemoryEstimate estimate = estimate(model, rows, peak.microBatch() < peak.pairs());
            assertThat(estimate.bytes()).isEqualTo(CALIBRATION.estimate(peak));
            assertThat(estimate.error()).isEqualTo(CALIBRATION.ofDevice("cpu").error());
        }
    }

    private static TorchModel fresh(String shape) {
        return TorchModel.of(
                Objects.requireNonNull(CALIBRATION.models().get(shape)).fresh(NONE));
    }

    private static TorchModel settings(String shape, String settings) {
        TorchModel model = fresh(shape);
        if (settings.contains("bfloat16")) {
            model = model.with(Precision.BFLOAT16);
        }
        if (settings.contains("lora")) {
            model = model.with(LoraAdapter.ofDefaults());
        }
        return settings.contains("checkpointing") ? model.withCheckpointing() : model;
    }

    private static MemoryEstimate estimate(TorchModel model, List<TokenSequence> rows, boolean accumulates) {
        return new TorchBackend()
                .memory(model, new Workload("cpu", 0, List.of(rows), List.of(), accumulates, false))
                .orElseThrow();
    }

    /** Pairs that share only their prompts. */
    private static List<TokenSequence> rows(int pairs, int prompt, int chosen, int rejected) {
        List<TokenSequence> rows = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            int[] ofPrompt = ids(pair, prompt);
            rows.add(TokenSequence.of(ofPrompt, ids(200, chosen)));
            rows.add(TokenSequence.of(ofPrompt, ids(201, rejected)));
        }
        return rows;
    }

    private static int[] ids(int first, int count) {
        return IntStream.range(0, count).map(i -> (first + i) % 512).toArray();
    }

    @Test
    void parameters_gradients_and_moments_are_counted_exactly() {
        // 10 ids of width 4; a layer: q, o 4 x 4, k, v 2 x 4, three matrices of 4 x 6, two norms of 4; the last norm.
        long parameters = 10 * 4 + (2 * 16 + 2 * 8 + 3 * 24 + 8) + 4;
        FreshModel fresh = new FreshModel(NONE, 10, 4, 6, 1, 2, 1, 16, true, 0.02);
        Map<String, Long> parts =
                estimate(TorchModel.of(fresh), rows(1, 2, 2, 2), true).byName();
        assertThat(parts)
                .containsEntry("weights", 4 * parameters)
                .containsEntry("gradients", 4 * parameters)
                .containsEntry("moments", 8 * parameters)
                .doesNotContainKeys("rounded copies", "adapter", "reference");
        parts = estimate(TorchModel.of(fresh).with(Precision.BFLOAT16), rows(1, 2, 2, 2), true)
                .byName();
        assertThat(parts).containsEntry("weights", 4 * parameters).containsEntry("rounded copies", 2L * (48 + 72));
    }

    @Test
    void with_an_adapter_only_the_adapter_has_gradients_and_moments_and_frozen_matrices_have_the_dtype_of_matmuls() {
        FreshModel fresh = new FreshModel(NONE, 10, 4, 6, 1, 2, 1, 16, true, 0.02);
        TorchModel model = TorchModel.of(fresh)
                .with(Precision.BFLOAT16)
                .with(new LoraAdapter(
                        "lora",
                        Optional.empty(),
                        Optional.of(3),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(List.of("q_proj", "down_proj")),
                        Optional.empty()));
        long adapter = 3 * (4 + 4) + 3 * (6 + 4);
        assertThat(estimate(model, rows(1, 2, 2, 2), true).byName())
                .containsEntry("weights", 2L * (48 + 72) + 4L * (40 + 8 + 4))
                .containsEntry("adapter", (4 + 2) * adapter)
                .containsEntry("gradients", 4 * adapter)
                .containsEntry("moments", 8 * adapter)
                .doesNotContainKeys("rounded copies");
    }

    @Test
    void a_computed_reference_needs_a_second_model() {
        TorchModel model = fresh("small");
        Workload workload = new Workload("cpu", 0, List.of(rows(1, 8, 8, 8)), List.of(), false, true);
        Map<String, Long> parts =
                new TorchBackend().memory(model, workload).orElseThrow().byName();
        assertThat(parts).containsEntry("reference", parts.get("weights"));
    }

    @Test
    void more_tokens_need_more_memory_and_long_rows_more_than_short_ones() {
        TorchModel model = fresh("long");
        long one = estimate(model, rows(1, 64, 64, 64), true).bytes();
        long four = estimate(model, rows(4, 64, 64, 64), true).bytes();
        assertThat(four).isGreaterThan(one);
        assertThat(estimate(model, rows(1, 256, 256, 256), true).bytes()).isGreaterThan(four);
    }

    @Test
    void matmul_code_on_a_cpu_grows_with_the_number_of_lengths_up_to_the_size_of_the_caches() {
        for (String dtype : List.of("float32", "bfloat16")) {
            long few = code("cpu", 10, dtype);
            assertThat(code("cpu", 20, dtype)).isEqualTo(2 * few);
            assertThat(code("cpu", 100_000, dtype))
                    .isEqualTo(code("cpu", 1_000_000, dtype))
                    .isGreaterThan(10 * few);
            assertThat(code("cuda", 100_000, dtype)).isZero();
        }
        assertThat(code("cpu", 10, "bfloat16")).isGreaterThan(code("cpu", 10, "float32"));
    }

    private static long code(String device, long sequences, String dtype) {
        Workload workload = new Workload(device, sequences, List.of(rows(1, 8, 8, 8)), List.of(), false, false);
        return new TorchBackend()
                .memory(settings("small", dtype), workload)
                .orElseThrow()
                .byName()
                .getOrDefault("matmul code", 0L);
    }

    @Test
    void a_longer_sequence_that_is_only_scored_is_counted() {
        TorchModel model = fresh("small");
        Workload trained = new Workload("cpu", 0, List.of(rows(1, 8, 8, 8)), List.of(), false, false);
        Workload evaluated =
                new Workload("cpu", 0, List.of(rows(1, 8, 8, 8)), List.of(rows(1, 2048, 2048, 2048)), false, false);
        TorchBackend backend = new TorchBackend();
        assertThat(backend.memory(model, evaluated).orElseThrow().bytes())
                .isGreaterThan(backend.memory(model, trained).orElseThrow().bytes() + 10_000_000);
    }

    @Test
    void every_alternative_saves_memory_if_activations_dominate(@TempDir Path folder) {
        FreshModel middle = new FreshModel(GoldenLlama.folder(), 8192, 256, 688, 8, 8, 4, 8192, true, 0.02);
        try (Policy policy = Opened.policy(TorchModel.of(middle), 2)) {
            policy.save(folder);
        }
        TorchModel model = TorchModel.at(folder);
        Map<String, TorchModel> alternatives = new TorchBackend().memorySavingAlternatives(model);
        assertThat(alternatives)
                .containsOnlyKeys("gradient_checkpointing: true", "dtype: bfloat16", "adapter: {type: lora}");
        long bytes = estimate(model, rows(8, 128, 128, 128), true).bytes();
        alternatives.values().forEach(changed -> assertThat(
                        estimate(changed, rows(8, 128, 128, 128), true).bytes())
                .isLessThan(bytes));
        assertThat(new TorchBackend().memorySavingAlternatives(settings("middle", "bfloat16 lora checkpointing")))
                .isEmpty();
        assertThat(new TorchBackend().memorySavingAlternatives(fresh("middle")))
                .as("an adapter of random weights would belong to no model")
                .containsOnlyKeys("gradient_checkpointing: true", "dtype: bfloat16");
    }
}
