package dpo.cli;

import static dpo.cli.TinyLlama.MODEL;
import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that learn from a reward, with text and a language model: a reward model first, then samples. */
class TorchMethodsIT {

    private static final int REWARD_STEPS = 6;
    private static final int POLICY_STEPS = 6;

    private static final String LEARNED =
            "reward: learned, reward_model: {learning_rate: 1.0e-3, epochs: 2}, max_new_tokens: 6";

    @TempDir
    Path scratch;

    private String[] train(String out, String method, String... more) throws IOException {
        TinyLlama.assumeLibtorch();
        Path config = Files.writeString(scratch.resolve("experiment.yaml"), """
                        name: methods
                        backend: torch
                        model: {path: '%s'}
                        data:
                          train: {format: conversational, path: '%s', limit: 12}
                          evaluation: {format: conversational, path: '%s', skip: 40}
                        objective: {preference: {type: sigmoid, beta: 0.1}}
                        optimizer: {learning_rate: 1.0e-3}
                        training: {batch_size: 4, epochs: 2, checkpoint_every: 1, samples: {prompts: 1, max_new_tokens: 4}}
                        """.formatted(MODEL, PAIRS, PAIRS));
        String[] overrides = new String[more.length + 1];
        overrides[0] = "method={" + method + "}";
        System.arraycopy(more, 0, overrides, 1, more.length);
        return TinyLlama.experiment("train", config, scratch.resolve(out), overrides);
    }

    private List<Map<String, Object>> metrics(String out) {
        Path file = scratch.resolve(out).resolve("metrics.jsonl");
        return Files.exists(file)
                ? JsonLines.read(file).stream()
                        .<Map<String, Object>>map(TreeMap::new)
                        .peek(line -> line.remove("step_seconds"))
                        .toList()
                : List.of();
    }

    private static double number(Map<String, Object> metrics, String name) {
        return ((Number) Objects.requireNonNull(metrics.get(name), name)).doubleValue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type: ppo, num_ppo_epochs: 2, " + LEARNED,
                "type: rloo, num_generations: 2, " + LEARNED,
                "type: best_of_n, num_generations: 3, " + LEARNED
            })
    void a_run_killed_while_it_samples_resumes_and_ends_with_the_same_bits(String method) throws IOException {
        Ended whole = Ended.of(train("whole", method));
        assertThat(whole.code()).as(whole.err()).isZero();
        Launched running = Launched.start(scratch, train("killed", method));
        while (running.isRunning() && lines("killed") < REWARD_STEPS + 2) {
            LockSupport.parkNanos(1_000_000);
        }
        running.send(Launched.Signal.KILL);
        running.await();
        assertThat(scratch.resolve("killed/checkpoints/final")).doesNotExist();
        Ended resumed = Ended.of(train("killed", method));
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(metrics("killed")).isEqualTo(metrics("whole")).hasSize(REWARD_STEPS + POLICY_STEPS);
        for (String file : List.of("checkpoints/final/model.safetensors", "samples.jsonl", "pairs.jsonl")) {
            assertThat(scratch.resolve("killed").resolve(file))
                    .hasSameBinaryContentAs(scratch.resolve("whole").resolve(file));
        }
    }

    private long lines(String out) throws IOException {
        Path file = scratch.resolve(out).resolve("metrics.jsonl");
        return Files.exists(file) ? Files.readString(file).lines().count() : 0;
    }

    @Test
    void a_reward_model_learns_to_order_the_pairs_before_the_policy_leaves_the_reference() throws IOException {
        Ended ended =
                Ended.of(train("long", "type: rloo, num_generations: 2, " + LEARNED.replace("epochs: 2", "epochs: 8")));
        assertThat(ended.code()).as(ended.err()).isZero();
        List<Map<String, Object>> steps = metrics("long");
        assertThat(steps).hasSize(24 + POLICY_STEPS);
        assertThat(number(steps.get(0), "loss")).isEqualTo(Math.log(2));
        assertThat(number(steps.get(23), "reward_model/accuracy")).isEqualTo(1);
        assertThat(number(steps.get(24), "objective/kl")).isZero();
        assertThat(number(steps.get(29), "objective/kl")).isPositive();
        assertThat(steps.get(29)).containsKey("objective/scores").doesNotContainKey("objective/true_scores");
    }

    @Test
    void the_true_reward_and_the_exact_optimum_of_a_language_model_are_refused() throws IOException {
        Ended unknown = Ended.of(train("true", "type: ppo, reward: true"));
        assertThat(unknown.code()).isNotZero();
        assertThat(unknown.err() + unknown.out())
                .contains("method.reward must be learned for a model whose true reward");
        Ended exact = Ended.of(train("exact", "type: rlhf"));
        assertThat(exact.code()).isNotZero();
        assertThat(exact.err() + exact.out()).contains("use ppo or rloo with reward: learned");
    }
}
