package dpo.harness.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.core.backend.Availability;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.run.PreparedData;
import dpo.harness.sweep.Identity;
import dpo.harness.sweep.PlannedRun;
import dpo.train.TrainingData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With the estimates of the {@code torch} backend, which reads only the headers of the weights.
 */
class MemoryCheckTest {

    /** 30 layers of width 576: 134.5 million parameters. */
    private static final String MODEL = """
            name: check
            backend: torch
            model: {path: model}
            data: {train: {format: standard, path: none.jsonl}}
            optimizer: {learning_rate: 1.0e-5}
            """;

    private static final String ARCHITECTURE = """
            {"model_type": "llama", "vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536,
             "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "max_position_embeddings": 2048,
             "tie_word_embeddings": true}
            """;
    private static final String WORLD = """
            name: check
            backend: tabular
            data: {train: {format: world, pairs: 8}}
            optimizer: {learning_rate: 0.1}
            """;
    private static final long GIGABYTE = 1_000_000_000L;

    @TempDir
    Path folder;

    private final Backends backends = Backends.onClassPath();

    @Test
    void one_line_has_the_estimate_the_available_memory_and_the_parts() {
        assertThat(check(run(8), 1, 24).line().orElseThrow())
                .matches(
                        "memory: about \\d+\\.\\d GB of 24\\.0 GB available: weights 0\\.5, gradients 0\\.5, moments 1\\.1,"
                                + " activations \\d+\\.\\d, workspace 0\\.\\d,"
                                + " fragmentation \\d\\.\\d, runtime 0\\.\\d");
        assertThat(MemoryCheck.of(backends, List.of(run(8)), 1, OptionalLong.empty())
                        .line()
                        .orElseThrow())
                .contains("available memory unknown");
    }

    @Test
    void a_reference_of_its_own_counts_with_its_weights_and_passes() {
        String alone = check(run(8), 1, 24).line().orElseThrow();
        String with = check(run(8, "reference={path: " + folder.resolve("model") + "}"), 1, 24)
                .line()
                .orElseThrow();
        assertThat(alone).doesNotContain("reference");
        assertThat(with).endsWith("reference 0.5"); // its passes need less than those of training
    }

    @Test
    void models_and_samples_of_a_method_count() {
        String ppo = "method={type: ppo, reward: learned, reward_model: {learning_rate: 1e-5}, max_new_tokens: %d}";
        PlannedRun sampling = run(8, ppo.formatted(256));
        assertThat(check(sampling, 1, 24).line().orElseThrow())
                .contains("reference 0.5", "value model 2.2, reward model 2.2");
        assertThat(bytes(run(8, ppo.formatted(1500)), 1)).isGreaterThan(bytes(sampling, 1) + GIGABYTE);
        // At most as long as the model's positions.
        assertThat(bytes(run(8, ppo.formatted(4000)), 1)).isEqualTo(bytes(run(8, ppo.formatted(1536)), 1));
        String adapted = check(run(8, ppo.formatted(256), "model.adapter={rank: 8}"), 1, 24)
                .line()
                .orElseThrow();
        assertThat(adapted).contains("weights 0.5").doesNotContain("model 2.2");
    }

    @Test
    void available_memory_is_read_from_the_device_of_the_run() {
        ExperimentConfig cpu = run(1).config();
        ExperimentConfig cuda = run(1, "device=cuda").config();
        assertThat(MemoryCheck.available(backends, List.of(cpu, cpu)).getAsLong())
                .isGreaterThan(GIGABYTE / 10);
        assertThat(MemoryCheck.available(backends, List.of(cpu, cuda))).isEmpty();
        boolean hasCuda = backends.find("torch").orElseThrow().availability("cuda") instanceof Availability.Available;
        assertThat(MemoryCheck.available(backends, List.of(cuda)).isPresent()).isEqualTo(hasCuda);
        assertThatThrownBy(check(run(8, "device=cuda"), 1, 1)::requireWithinLimit)
                .hasMessageStartingWith("memory must fit cuda (available 1.0 GB; the limit is 1.5 times that)");
    }

    @Test
    void a_backend_without_an_estimate_prints_nothing_and_refuses_nothing() {
        MemoryCheck check = check(planned(WORLD, 8), 1, 0);
        assertThat(check.line()).isEmpty();
        requireSilent(check);
    }

    private static void requireSilent(MemoryCheck check) {
        assertThatCode(check::requireWithinLimit).doesNotThrowAnyException();
        assertThat(check.warning()).isEmpty();
    }

    private static final String SETTINGS = "would fit: training\\.micro_batch_size: \\d \\(\\d+\\.\\d GB\\); "
            + "model\\.gradient_checkpointing: true \\(\\d\\.\\d GB\\); .*"
            + "data\\.max_length: \\d+ \\(\\d+\\.\\d GB\\); "
            + "in \\d+ test measurements the estimate was \\d+ % below to \\d+ % above the peak";

    @Test
    void a_run_that_fits_starts_silently() {
        requireSilent(check(run(8), 1, 24));
    }

    @Test
    void a_run_that_exceeds_the_memory_a_little_starts_with_a_warning_that_names_settings_that_would_fit() {
        MemoryCheck check = check(run(8), 1, 16);
        assertThatCode(check::requireWithinLimit).doesNotThrowAnyException();
        assertThat(check.warning().orElseThrow())
                .matches("warning: the run may not fit this machine \\(available 16\\.0 GB\\), "
                        + "its estimate is \\d+\\.\\d GB; " + SETTINGS);
    }

    @Test
    void a_run_that_exceeds_the_memory_by_far_is_refused_with_settings_that_would_fit() {
        assertThatThrownBy(check(run(8), 1, 9)::requireWithinLimit)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageMatching(
                        "memory must fit this machine \\(available 9\\.0 GB; the limit is 1\\.5 times that\\), "
                                + "got an estimate of \\d+\\.\\d GB; " + SETTINGS
                                + "; --ignore-memory starts the run anyway")
                .hasMessageContainingAll("micro_batch_size: 2 (", "max_length: 256 (");
    }

    @Test
    void the_warning_starts_at_the_available_memory_and_the_refusal_at_the_limit() {
        PlannedRun run = run(8);
        OptionalLong unknown = OptionalLong.empty();
        assertThat(MemoryCheck.of(backends, List.of(run), 1, unknown).warning()).isEmpty();
        long estimate = exactly(run);
        requireSilent(MemoryCheck.of(backends, List.of(run), 1, OptionalLong.of(estimate)));
        MemoryCheck above = MemoryCheck.of(backends, List.of(run), 1, OptionalLong.of(estimate - 1));
        assertThat(above.warning()).isPresent();
        long least = (long) Math.ceil(estimate / MemoryCheck.LIMIT);
        assertThatCode(MemoryCheck.of(backends, List.of(run), 1, OptionalLong.of(least))::requireWithinLimit)
                .doesNotThrowAnyException();
        assertThatThrownBy(MemoryCheck.of(backends, List.of(run), 1, OptionalLong.of(least - 1))::requireWithinLimit)
                .isInstanceOf(InvalidInputException.class);
    }

    /** The smallest available memory that gives no warning. */
    private long exactly(PlannedRun run) {
        long fails = 0;
        long fits = 100 * GIGABYTE;
        while (fits - fails > 1) {
            long middle = (fails + fits) / 2;
            boolean warns = MemoryCheck.of(backends, List.of(run), 1, OptionalLong.of(middle))
                    .warning()
                    .isPresent();
            fails = warns ? middle : fails;
            fits = warns ? fits : middle;
        }
        return fits;
    }

    @Test
    void a_suggested_setting_does_fit() {
        requireSilent(check(run(8, "training.micro_batch_size=2"), 1, 9));
        requireSilent(check(run(8, "model.gradient_checkpointing=true"), 1, 9));
        assertThat(check(run(8, "training.micro_batch_size=4"), 1, 9).warning()).isPresent();
    }

    @Test
    void smaller_micro_batches_are_suggested_in_tokens_if_tokens_are_the_unit() {
        assertThatThrownBy(check(run(8, "training.micro_batch_tokens=16384"), 1, 9)::requireWithinLimit)
                .hasMessageContaining("training.micro_batch_tokens: 2048 (");
    }

    @Test
    void settings_are_combined_if_none_fits_alone_and_the_message_reports_if_none_fit_together() {
        assertThatThrownBy(check(run(8), 1, 2)::requireWithinLimit)
                .hasMessageContaining("would fit together: training.micro_batch_size: 1, "
                        + "model.gradient_checkpointing: true, model.adapter: {type: lora} (");
        assertThatThrownBy(check(run(8), 1, 0)::requireWithinLimit)
                .hasMessageContaining("no settings make it fit: training.micro_batch_size: 1, ");
    }

    @Test
    void parallel_cells_need_the_memory_of_each_and_frozen_weights_once() {
        PlannedRun small = run(1);
        assertThat(bytes(small, 3))
                .isBetween(3 * bytes(small, 1) - 3 * GIGABYTE / 2, 3 * bytes(small, 1) - GIGABYTE / 2);
        PlannedRun adapted = run(1, "model.adapter={rank: 8}", "model.dtype=bfloat16");
        assertThat(bytes(adapted, 3)).isLessThan(3 * bytes(adapted, 1) - 4 * GIGABYTE / 3);
        assertThatThrownBy(
                        MemoryCheck.of(backends, List.of(small, small, small), 3, OptionalLong.of(7 * GIGABYTE))
                                ::requireWithinLimit)
                .hasMessageContaining("would fit: --cells 1 (");
    }

    @Test
    void a_model_that_is_too_large_is_refused_without_its_data() {
        ExperimentConfig config = run(1).config();
        assertThatThrownBy(
                        MemoryCheck.ofModels(backends, List.of(config), OptionalLong.of(GIGABYTE))::requireWithinLimit)
                .hasMessageContaining("would fit together: model.adapter: {type: lora}, model.dtype: bfloat16 (");
        assertThatCode(
                        MemoryCheck.ofModels(backends, List.of(config), OptionalLong.of(3 * GIGABYTE))
                                ::requireWithinLimit)
                .doesNotThrowAnyException();
    }

    private long bytes(PlannedRun run, int atOnce) {
        String line = MemoryCheck.of(backends, List.of(run, run, run), atOnce, OptionalLong.empty())
                .line()
                .orElseThrow();
        return Math.round(1e9 * Double.parseDouble(line.split(" ")[2]));
    }

    private MemoryCheck check(PlannedRun run, int atOnce, int gigabytes) {
        return MemoryCheck.of(backends, List.of(run), atOnce, OptionalLong.of(gigabytes * GIGABYTE));
    }

    /** A run of some pairs of 512 prompt tokens and twice 256 tokens. */
    private PlannedRun run(int pairs, String... changes) {
        return planned(MODEL, pairs, changes);
    }

    private PlannedRun planned(String text, int pairs, String... overrides) {
        try {
            Path file = Files.writeString(folder.resolve("check.yaml"), text);
            Path model = Files.createDirectories(folder.resolve("model"));
            Files.writeString(model.resolve("config.json"), ARCHITECTURE);
            ZeroWeights.write(model.resolve("model.safetensors"));
            ExperimentConfig config = ExperimentFile.read(file, List.of(overrides), backends)
                    .cells()
                    .get(0)
                    .config();
            List<Preference> train =
                    IntStream.range(0, pairs).mapToObj(MemoryCheckTest::pair).toList();
            PreparedData data = new PreparedData(new TrainingData(train, List.of(), List.of()), "", Map.of(), Map.of());
            return new PlannedRun(Map.of(), config, data, 2048, new Identity("c", "d", "m", Optional.empty(), "v"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Preference pair(int number) {
        int[] prompt =
                IntStream.range(0, 512).map(i -> (number + 7 * i) % 49152).toArray();
        return Preference.pair(
                "pair " + number,
                TokenSequence.of(prompt, IntStream.range(0, 256).toArray()),
                TokenSequence.of(prompt, IntStream.range(1, 257).toArray()));
    }
}
