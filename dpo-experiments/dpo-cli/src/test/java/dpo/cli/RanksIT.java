package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share the steps of a run, as a user starts them. */
class RanksIT {

    private static final int STEPS = 24;

    @TempDir
    Path scratch;

    private Path config;

    @BeforeEach
    void write() throws IOException {
        TinyLlama.assumeLibtorch();
        config = Files.writeString(scratch.resolve("experiment.yaml"), """
                name: tiny-llama
                backend: torch
                threads: 2
                model: {path: '%s'}
                data: {train: {format: conversational, path: '%s'}}
                objective: {preference: {type: bco, beta: 0.1}}
                optimizer: {learning_rate: 1.0e-3}
                training: {batch_size: 8, micro_batch_size: 2, epochs: 4, checkpoint_every: 1000}
                """.formatted(TinyLlama.MODEL, TinyLlama.PAIRS));
    }

    @Test
    void a_run_whose_second_process_is_killed_saves_its_last_step_and_resumes_with_another_number_of_ranks()
            throws IOException {
        Path alone = scratch.resolve("alone");
        assertThat(Ended.of(TinyLlama.experiment("train", config, alone)).code())
                .isZero();
        Path killed = scratch.resolve("killed");
        Launched running = train(killed, 2);
        Path recorded = killed.resolve("metrics.jsonl");
        while (running.isRunning()
                && (!Files.exists(recorded)
                        || Files.readString(recorded).lines().count() < 3)) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(running.killChild("rank")).isTrue();
        Launched.Ended ended = running.await();
        assertThat(ended.code()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err())
                .contains("error: all ranks must live until the end, got the end of rank 1 of 2 with exit code 137");
        int before = JsonLines.read(recorded).size();
        assertThat(before).isBetween(2, STEPS - 1);
        assertThat(Files.readString(killed.resolve("checkpoints/resume/state.json")))
                .contains("\"step\" : " + before + ",");
        Launched.Ended resumed = train(killed, 3).await();
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.out().lines()).hasSize(3).allMatch(line -> line.contains("\t"));
        List<Map<String, Object>> expected = JsonLines.read(alone.resolve("metrics.jsonl"));
        List<Map<String, Object>> steps = JsonLines.read(recorded);
        assertThat(steps).hasSize(STEPS);
        for (int i = 0; i < STEPS; i++) {
            for (String metric : List.of("loss", "grad_norm", "rewards/margins", "carried/mean")) {
                double number = (Double) expected.get(i).get(metric);
                assertThat((Double) steps.get(i).get(metric))
                        .as(metric + " at step " + (i + 1))
                        .isCloseTo(number, within(1e-5 * Math.max(1, Math.abs(number))));
            }
        }
    }

    @Test
    void one_process_that_computes_the_ranks_in_turn_has_their_bits_and_reproduces_the_run() throws IOException {
        Path demonstrations = Files.writeString(scratch.resolve("demonstrations.jsonl"), """
                {"messages": [{"role": "user", "content": "a question"}, {"role": "assistant", "content": "an answer"}]}
                {"messages": [{"role": "user", "content": "again"}, {"role": "assistant", "content": "the same answer"}]}
                """.repeat(8));
        Files.writeString(
                config,
                Files.readString(config)
                        .replace(
                                "objective: {preference: {type: bco, beta: 0.1}}",
                                "objective: {preference: {type: sigmoid}, sft: {weight: 0.1, data: {format: messages, path: '"
                                        + demonstrations + "'}}}"));
        Path shared = scratch.resolve("shared");
        assertThat(train(shared, 2).await().code()).isZero();
        Path inTurn = scratch.resolve("in-turn");
        Launched.Ended ended = train(inTurn, 2, "--one-process").await();
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(withoutTimes(inTurn)).hasSize(STEPS).isEqualTo(withoutTimes(shared));
        String model = "checkpoints/final/model.safetensors";
        assertThat(inTurn.resolve(model)).hasSameBinaryContentAs(shared.resolve(model));
        Launched.Ended reproduced = Launched.start(
                        scratch,
                        "reproduce",
                        shared.toString(),
                        "--out",
                        scratch.resolve("again").toString())
                .await();
        assertThat(reproduced.code()).as(reproduced.err()).isZero();
        assertThat(reproduced.out()).startsWith("identical");
    }

    @Test
    void a_run_whose_second_process_is_killed_before_they_meet_ends() {
        Launched running = train(scratch.resolve("early"), 2);
        while (running.isRunning() && !running.killChild("rank")) {
            LockSupport.parkNanos(1_000_000);
        }
        Launched.Ended ended = running.await();
        assertThat(ended.code()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err()).contains("got the end of rank 1 of 2 with exit code 137");
    }

    private static List<Map<String, Object>> withoutTimes(Path run) {
        List<Map<String, Object>> steps = JsonLines.read(run.resolve("metrics.jsonl"));
        steps.forEach(step -> step.remove("step_seconds"));
        return steps;
    }

    private Launched train(Path out, int ranks, String... more) {
        List<String> line = new ArrayList<>(List.of("train", config.toString(), "--out", out.toString()));
        line.addAll(List.of("--ranks", Integer.toString(ranks)));
        line.addAll(List.of(more));
        return Launched.start(scratch, line.toArray(String[]::new));
    }
}
