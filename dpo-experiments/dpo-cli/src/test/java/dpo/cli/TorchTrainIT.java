package dpo.cli;

import static dpo.cli.TinyLlama.MODEL;
import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.store.Json;
import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A checkpoint trained from the command line: the golden trajectories, a kill, and invalid input. */
class TorchTrainIT {

    private static final Path GOLDEN =
            Launched.root().resolve("dpo-gpu/dpo-gpu-torch/src/test/resources/llama-golden.json");

    private static final String EXPERIMENT = """
            name: tiny-llama
            backend: torch
            model: {path: model}
            data: {train: {format: conversational, path: pairs.jsonl}}
            objective: {preference: {type: sigmoid, beta: 0.1}}
            optimizer: {learning_rate: 1.0e-3}
            training: {batch_size: 4, order: sequential, checkpoint_every: 1}
            """;

    @TempDir
    Path scratch;

    @BeforeEach
    void layOut() throws IOException {
        TinyLlama.assumeLibtorch();
        Files.writeString(scratch.resolve("experiment.yaml"), EXPERIMENT);
        Files.copy(PAIRS, scratch.resolve("pairs.jsonl"));
        Files.createDirectories(scratch.resolve("model"));
        try (var files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, scratch.resolve("model").resolve(file.getFileName()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sigmoid_constant              | training.evaluate_every=5
            ipo_linear_warmup_accumulate2 | objective={preference: {type: ipo, beta: 0.2, reduction: mean}};optimizer={learning_rate: 5.0e-4, weight_decay: 0.01};schedule={type: linear, warmup_steps: 2};training.micro_batch_size=2
            sigmoid_sft_cosine            | objective={preference: {type: sigmoid, beta: 0.5}, sft: {weight: 0.5, reduction: token_mean}};optimizer.max_grad_norm=0.5;schedule={type: cosine};training.batch_size=8;training.epochs=2
            """)
    void training_follows_a_trajectory_of_trl_step_by_step(String run, String overrides) throws IOException {
        Path out = scratch.resolve("out");
        Ended ended = trainHere(out, overrides.split(";"));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err().contains("training.evaluate_every has no effect"))
                .isEqualTo(overrides.contains("evaluate_every"));
        List<Map<String, Object>> steps = metrics(out);
        List<?> golden = (List<?>)
                ((Map<?, ?>) ((Map<?, ?>) Json.read(Files.readString(GOLDEN)).get("runs")).get(run)).get("steps");
        assertThat(steps).hasSameSizeAs(golden);
        for (int i = 0; i < steps.size(); i++) {
            Map<?, ?> expected = (Map<?, ?>) golden.get(i);
            close(steps.get(i), expected, "loss", i < 4 ? 1e-4 : 2e-3);
            close(steps.get(i), expected, "grad_norm", 1e-2);
            close(steps.get(i), expected, "learning_rate", 1e-9);
            close(steps.get(i), expected, "logps/chosen", 1e-4);
            close(steps.get(i), expected, "logps/rejected", 1e-4);
        }
    }

    /** The tiny model ties its head to its embedding; this file also has a head of zeros. */
    @Test
    void a_head_that_differs_from_the_embedding_it_is_tied_to_is_trained_separately_and_reported() throws IOException {
        Path weights = scratch.resolve("model/model.safetensors");
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) file.getLong()];
        file.get(header);
        int head = 512 * 64 * Float.BYTES;
        String text = new String(header, StandardCharsets.UTF_8).strip();
        byte[] longer = (text.substring(0, text.length() - 1)
                        + ", \"lm_head.weight\": {\"dtype\": \"F32\", \"shape\": [512, 64]," + " \"data_offsets\": ["
                        + file.remaining() + ", " + (file.remaining() + head) + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer written = ByteBuffer.allocate(Long.BYTES + longer.length + file.remaining() + head)
                .order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                weights, written.putLong(longer.length).put(longer).put(file).array());
        Ended ended = trainHere(scratch.resolve("out"), "data.train.limit=4");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("lm_head.weight and model.embed_tokens.weight differ in the files");
        assertThat(metrics(scratch.resolve("out")).get(0)).containsEntry("chosen_log_prob_fell", 0.0);
        assertThat(scratch.resolve("out/checkpoints/final/config.json"))
                .content()
                .containsPattern("\"tie_word_embeddings\" ?: false");
    }

    @Test
    void a_killed_run_resumes_and_gives_the_same_bits_and_weights() throws IOException {
        Path uninterrupted = scratch.resolve("uninterrupted");
        assertThat(trainHere(uninterrupted).code()).isZero();
        Path killed = scratch.resolve("killed");
        Launched running = train(killed);
        while (running.isRunning() && !Files.exists(killed.resolve("checkpoints/resume/state.json"))) {
            LockSupport.parkNanos(1_000_000);
        }
        running.send(Launched.Signal.KILL);
        running.await();
        assertThat(killed.resolve("checkpoints/final")).doesNotExist();
        assertThat(train(killed).await().code()).isZero();
        assertThat(metrics(killed)).isEqualTo(metrics(uninterrupted));
        assertThat(killed.resolve("checkpoints/final/model.safetensors"))
                .hasSameBinaryContentAs(uninterrupted.resolve("checkpoints/final/model.safetensors"));
    }

    @Test
    void cells_that_are_trained_at_the_same_time_give_the_same_bits_and_the_same_weights() {
        Path oneByOne = scratch.resolve("one-by-one");
        Path together = scratch.resolve("together");
        assertThat(Ended.of(sweep(oneByOne, 1)).code()).isZero();
        Launched.Ended ended = Launched.run(scratch, sweep(together, 3));
        assertThat(ended.err()).contains("4 computed, 0 already there, 0 failed");
        for (String run : List.of("beta=0.1,seed=1", "beta=0.1,seed=2", "beta=0.5,seed=1", "beta=0.5,seed=2")) {
            assertThat(metrics(cell(together, run))).isEqualTo(metrics(cell(oneByOne, run)));
            assertThat(cell(together, run).resolve("checkpoints/final/model.safetensors"))
                    .hasSameBinaryContentAs(cell(oneByOne, run).resolve("checkpoints/final/model.safetensors"));
        }
    }

    @Test
    void a_saved_model_opens_and_its_log_probs_equal_those_of_the_last_evaluation() {
        Path out = scratch.resolve("out");
        Ended trained = trainHere(out, "data.evaluation={format: conversational, path: '" + PAIRS + "'}");
        assertThat(trained.code()).as(trained.err()).isZero();
        Path file = scratch.resolve("log-probs.jsonl");
        Launched.Ended ended = Launched.run(
                scratch,
                "logprobs",
                "--model",
                out.resolve("checkpoints/final").toString(),
                "--data",
                PAIRS.toString(),
                "--format",
                "conversational",
                "--out",
                file.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        List<Map<String, Object>> pairs = JsonLines.read(out.resolve("pairs.jsonl"));
        List<Map<String, Object>> rows = JsonLines.read(file);
        assertThat(rows).hasSize(48).hasSameSizeAs(pairs);
        for (int i = 0; i < rows.size(); i++) {
            double sum = ((List<?>) rows.get(i).get("chosen"))
                    .stream().mapToDouble(x -> (Double) x).sum();
            double stored = (Double) ((Map<?, ?>) pairs.get(i).get("policy")).get("chosen");
            assertThat(sum).isCloseTo(stored, within(1e-3 + 1e-5 * Math.abs(stored)));
        }
    }

    @Test
    void a_damaged_checkpoint_or_a_tokenizer_that_does_not_fit_is_refused_before_anything_is_written()
            throws IOException {
        Path weights = scratch.resolve("model/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
        refused("truncated?");
        byte[] header = bytes.clone();
        header[5] = 1;
        Files.write(weights, header);
        refused("header length must be in");
        byte[] poisoned = bytes.clone();
        poisoned[bytes.length - 1] = 0x7f;
        poisoned[bytes.length - 2] = (byte) 0xc0;
        Files.write(weights, poisoned);
        refused("weights must be finite");
        Files.write(weights, bytes);
        Path tokenizer = scratch.resolve("model/tokenizer.json");
        String added = Files.readString(tokenizer)
                .replaceFirst(
                        "\"added_tokens\"\\s*:\\s*\\[",
                        "$0"
                                + "{\"id\": 512, \"content\": \"<|more|>\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false,"
                                + " \"normalized\": false, \"special\": false},");
        Files.writeString(tokenizer, added);
        refused("tokenizer must fit the model's embedding of 512 tokens");
        Files.copy(MODEL.resolve("tokenizer.json"), tokenizer, StandardCopyOption.REPLACE_EXISTING);
        Files.delete(scratch.resolve("model/config.json"));
        refused("config.json");
    }

    @Test
    void a_run_that_does_not_fit_into_memory_is_refused_before_anything_is_written_unless_forced() {
        String large = "model={fresh: {tokenizer: model, vocab_size: 512, hidden_size: 32768, intermediate_size: 32768,"
                + " layers: 1000, heads: 64, kv_heads: 64}}";
        Path out = scratch.resolve("never");
        Ended refused = trainHere(out, large);
        assertThat(refused.code()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err()).contains("error: memory must fit this machine (available ", "--ignore-memory");
        assertThat(out).doesNotExist();
        Launched.Ended ended = Launched.run(
                scratch,
                "train",
                scratch.resolve("experiment.yaml").toString(),
                "--out",
                out.toString(),
                "--ignore-memory");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err())
                .containsPattern(
                        "memory: about \\d\\.\\d GB of \\d+\\.\\d GB available: matmul code \\d\\.\\d, runtime \\d\\.\\d");
    }

    private String[] sweep(Path out, int cells) {
        return new String[] {
            "sweep",
            scratch.resolve("experiment.yaml").toString(),
            "--out",
            out.toString(),
            "--cells",
            Integer.toString(cells),
            "--set",
            "threads=2",
            "--set",
            "sweep={objective.preference.beta: [0.1, 0.5], seed: [1, 2]}"
        };
    }

    private static Path cell(Path sweep, String name) {
        try (var runs = Files.list(sweep.resolve("runs"))) {
            return runs.filter(run -> run.getFileName().toString().startsWith(name + "-"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void refused(String message) {
        Path out = scratch.resolve("never");
        Ended ended = trainHere(out);
        assertThat(ended.err()).contains(message);
        assertThat(ended.code()).as(ended.err()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    private Launched train(Path out, String... overrides) {
        return Launched.start(scratch, training(out, overrides));
    }

    /** In the process of the test. */
    private Ended trainHere(Path out, String... overrides) {
        return Ended.of(training(out, overrides));
    }

    private String[] training(Path out, String... overrides) {
        List<String> arguments = new ArrayList<>(
                List.of("train", scratch.resolve("experiment.yaml").toString(), "--out", out.toString()));
        for (String override : overrides) {
            arguments.addAll(List.of("--set", override));
        }
        return arguments.toArray(String[]::new);
    }

    private static void close(Map<?, ?> step, Map<?, ?> golden, String name, double relative) {
        double expected = Double.parseDouble(golden.get(name).toString());
        assertThat(((Number) step.get(name)).doubleValue())
                .as(name + " at step " + step.get("step"))
                .isCloseTo(expected, within(relative * Math.abs(expected) + 1e-12));
    }

    private static List<Map<String, Object>> metrics(Path out) {
        List<Map<String, Object>> lines = JsonLines.read(out.resolve("metrics.jsonl"));
        lines.forEach(line -> line.remove("step_seconds"));
        return lines;
    }
}
