package dpo.cli;

import static dpo.cli.TinyLlama.MODEL;
import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters and bfloat16 from the command line: trained, stopped, swept, scored and merged. */
class AdapterIT {

    private static final String ADAPTER = "model.adapter={rank: 4, alpha: 8, dropout: 0.1}";

    @TempDir
    Path scratch;

    @BeforeEach
    void layOut() throws IOException {
        TinyLlama.assumeLibtorch();
        Files.writeString(scratch.resolve("experiment.yaml"), """
                name: tiny-llama
                backend: torch
                threads: 2
                model: {path: '%s'}
                data: {train: {format: conversational, path: '%s'}}
                objective: {preference: {type: sigmoid, beta: 0.1}}
                optimizer: {learning_rate: 5.0e-3}
                training: {batch_size: 4, order: sequential, checkpoint_every: 1}
                """.formatted(MODEL, PAIRS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ADAPTER,
                "model.dtype=bfloat16",
                ADAPTER + ";model.dtype=bfloat16;model.gradient_checkpointing=true"
            })
    void a_killed_run_resumes_and_ends_with_the_same_bits(String overrides) {
        Path uninterrupted = scratch.resolve("uninterrupted");
        trainHere(uninterrupted, overrides.split(";"));
        Path killed = scratch.resolve("killed");
        Launched running = train(killed, overrides.split(";"));
        while (running.isRunning() && !Files.exists(killed.resolve("checkpoints/resume/state.json"))) {
            LockSupport.parkNanos(1_000_000);
        }
        running.send(Launched.Signal.KILL);
        running.await();
        assertThat(killed.resolve("checkpoints/final")).doesNotExist();
        assertThat(train(killed, overrides.split(";")).await().code()).isZero();
        assertThat(metrics(killed)).isEqualTo(metrics(uninterrupted));
        assertThat(metrics(killed).get(0)).containsEntry("loss", Math.log(2));
        String weights = overrides.contains("adapter") ? "adapter_model.safetensors" : "model.safetensors";
        assertThat(killed.resolve("checkpoints/final").resolve(weights))
                .hasSameBinaryContentAs(
                        uninterrupted.resolve("checkpoints/final").resolve(weights));
    }

    @Test
    void a_sweep_over_beta_and_rank_computes_the_reference_once_and_shares_the_frozen_model() {
        Path oneByOne = scratch.resolve("one-by-one");
        Path together = scratch.resolve("together");
        String axes = "sweep={objective.preference.beta: [0.1, 0.5], model.adapter.rank: [2, 4]}";
        sweep(oneByOne, 1, axes);
        sweep(together, 2, axes);
        assertThat(oneByOne.resolve("reference")).isDirectoryContaining("glob:**.f64");
        assertThat(oneByOne.resolve("reference").toFile().list()).hasSize(1);
        assertThat(runs(oneByOne)).hasSize(4).isEqualTo(runs(together));
        for (String run : runs(oneByOne)) {
            Path one = oneByOne.resolve("runs").resolve(run);
            Path other = together.resolve("runs").resolve(run);
            assertThat(metrics(other)).isEqualTo(metrics(one));
            assertThat(other.resolve("checkpoints/final/adapter_model.safetensors"))
                    .hasSameBinaryContentAs(one.resolve("checkpoints/final/adapter_model.safetensors"));
        }
    }

    /** The dtypes need different settings of the process: float32 matmuls that may be rounded, or may not. */
    @Test
    void cells_with_different_dtypes_give_the_same_bits_in_parallel_and_in_sequence() {
        String axes = "sweep={model.dtype: [float32, bfloat16], seed: [1, 2]}";
        Path oneByOne = scratch.resolve("one-by-one");
        Path together = scratch.resolve("together");
        sweep(oneByOne, 1, axes);
        sweep(together, 3, axes);
        assertThat(runs(oneByOne)).hasSize(4).isEqualTo(runs(together));
        for (String run : runs(oneByOne)) {
            assertThat(metrics(together.resolve("runs").resolve(run)))
                    .isEqualTo(metrics(oneByOne.resolve("runs").resolve(run)));
        }
    }

    @Test
    void a_trained_adapter_and_the_merged_model_have_the_log_probs_of_the_run() {
        Path out = scratch.resolve("out");
        String held = "data.evaluation={format: conversational, path: '" + PAIRS + "'}";
        trainHere(out, ADAPTER, held);
        Path adapter = out.resolve("checkpoints/final");
        assertThat(adapter.resolve("adapter_config.json")).exists();
        assertThat(adapter.resolve("tokenizer.json")).exists();
        List<Double> evaluated = JsonLines.read(out.resolve("pairs.jsonl")).stream()
                .map(line -> (Double) ((Map<?, ?>) line.get("policy")).get("chosen"))
                .toList();
        List<Double> adapted = scored("adapted", MODEL, "--adapter", adapter.toString());
        Path merged = scratch.resolve("merged");
        ended(0, "merge", "--model", MODEL.toString(), "--adapter", adapter.toString(), "--out", merged.toString());
        List<Double> ofMerged = scored("merged", merged);
        List<Double> ofBase = scored("base", MODEL);
        List<Double> rounded = scored("rounded", merged, "--dtype", "bfloat16");
        for (int i = 0; i < evaluated.size(); i++) {
            assertThat(adapted.get(i)).isCloseTo(evaluated.get(i), within(1e-3));
            assertThat(ofMerged.get(i)).isCloseTo(adapted.get(i), within(1e-3));
            assertThat(rounded.get(i)).isNotEqualTo(ofMerged.get(i)).isCloseTo(ofMerged.get(i), within(1.0));
        }
        assertThat(ofBase).isNotEqualTo(ofMerged);
        String model = MODEL.toString();
        assertThat(ended(2, "merge", "--model", model, "--adapter", adapter.toString(), "--out", merged.toString()))
                .contains("--out must not exist");
        assertThat(ended(
                        2,
                        "merge",
                        "--model",
                        MODEL.toString(),
                        "--out",
                        scratch.resolve("x").toString()))
                .contains("--adapter must be given");
        assertThat(ended(2, "sample", "--model", MODEL.toString(), "--adapter", scratch.toString(), "--prompt", "a"))
                .contains("adapter folder must hold adapter_config.json");
        assertThat(ended(2, "sample", "--model", MODEL.toString(), "--dtype", "float64", "--prompt", "a"))
                .contains("float64");
        assertThat(ended(2, "sample", "--backend", "tabular", "--model", model, "--adapter", "x", "--prompt", "a"))
                .contains("adapter");
        ended(0, "sample", "--model", MODEL.toString(), "--adapter", adapter.toString(), "--prompt", "a");
    }

    @Test
    void an_adapter_without_the_matrices_of_its_targets_is_refused_before_anything_is_written() throws IOException {
        Path golden = MODEL.resolveSibling("lora-adapter-initial");
        Path adapter = Files.createDirectory(scratch.resolve("adapter"));
        Files.copy(golden.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.safetensors"));
        String config = Files.readString(golden.resolve("adapter_config.json"));
        Files.writeString(
                adapter.resolve("adapter_config.json"), config.replace("\"down_proj\"", "\"down_proj\", \"k_proj\""));
        String given = "model.adapter={path: '" + adapter + "'}";
        assertThat(ended(
                        2,
                        "train",
                        scratch.resolve("experiment.yaml").toString(),
                        "--out",
                        scratch.resolve("out").toString(),
                        "--set",
                        given,
                        "--ignore-memory"))
                .contains("layers.0.self_attn.k_proj.lora_A.weight is missing", adapter.toString());
        assertThat(scratch.resolve("out")).doesNotExist();
        assertThat(ended(
                        2,
                        "merge",
                        "--model",
                        MODEL.toString(),
                        "--adapter",
                        adapter.toString(),
                        "--out",
                        scratch.resolve("merged").toString()))
                .contains("k_proj.lora_A.weight is missing");
    }

    @Test
    void rank_and_dtype_change_the_identity_of_a_cell_and_gradient_checkpointing_does_not() {
        Path out = scratch.resolve("cells");
        String[] sweep = {
            "sweep",
            scratch.resolve("experiment.yaml").toString(),
            "--out",
            out.toString(),
            "--set",
            "training.save_model=false",
            "--set",
            "data.train.limit=8",
            "--set",
            ADAPTER
        };
        ended(0, sweep);
        assertThat(ended(0, with(sweep, "model.gradient_checkpointing=true"))).contains("0 computed, 1 already there");
        assertThat(ended(0, with(sweep, "model.adapter.dropout=0.2"))).contains("1 computed, 0 already there");
        assertThat(ended(0, with(sweep, "model.dtype=bfloat16"))).contains("1 computed, 0 already there");
    }

    private static String[] with(String[] arguments, String override) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--set", override));
        return all.toArray(String[]::new);
    }

    private List<Double> scored(String name, Path model, String... options) {
        Path file = scratch.resolve(name + ".jsonl");
        List<String> arguments = new ArrayList<>(List.of(
                "logprobs",
                "--model",
                model.toString(),
                "--data",
                PAIRS.toString(),
                "--format",
                "conversational",
                "--threads",
                "2",
                "--out",
                file.toString()));
        arguments.addAll(List.of(options));
        ended(0, arguments.toArray(String[]::new));
        return JsonLines.read(file).stream()
                .map(row -> ((List<?>) row.get("chosen"))
                        .stream().mapToDouble(x -> (Double) x).sum())
                .toList();
    }

    private String ended(int code, String... arguments) {
        Ended ended = Ended.of(arguments);
        assertThat(ended.code()).as(ended.err()).isEqualTo(code);
        return ended.err();
    }

    private void sweep(Path out, int cells, String axes) {
        String[] experiment = TinyLlama.experiment("sweep", scratch.resolve("experiment.yaml"), out, ADAPTER, axes);
        ended(
                0,
                Stream.concat(Stream.of(experiment), Stream.of("--cells", Integer.toString(cells)))
                        .toArray(String[]::new));
    }

    private static List<String> runs(Path sweep) {
        try (var runs = Files.list(sweep.resolve("runs"))) {
            return runs.map(run -> run.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Launched train(Path out, String... overrides) {
        return Launched.start(scratch, training(out, overrides));
    }

    /** In the process of the test. */
    private void trainHere(Path out, String... overrides) {
        ended(0, training(out, overrides));
    }

    private String[] training(Path out, String... overrides) {
        return TinyLlama.experiment("train", scratch.resolve("experiment.yaml"), out, overrides);
    }

    private static List<Map<String, Object>> metrics(Path out) {
        List<Map<String, Object>> lines = JsonLines.read(out.resolve("metrics.jsonl"));
        lines.forEach(line -> line.remove("step_seconds"));
        return lines;
    }
}
