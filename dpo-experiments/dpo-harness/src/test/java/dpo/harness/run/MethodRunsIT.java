package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of methods that learn from a reward. */
class MethodRunsIT {

    private static final String PREFERENCES = "objective={preference: {type: sigmoid, beta: 0.5}}";
    private static final String PPO =
            "method={type: ppo, reward: learned, reward_model: {learning_rate: 0.1, epochs: 1},"
                    + " num_ppo_epochs: 2, num_mini_batches: 2, cliprange_value: 0.5}";

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @ParameterizedTest
    @ValueSource(
            strings = {
                PPO,
                "method={type: rloo, reward: true, num_generations: 2}",
                "method={type: best_of_n, reward: true, num_generations: 3}",
                "method={type: rlhf, ridge: 0.01}",
                "method={type: preferences}"
            })
    void a_run_stopped_at_any_step_resumes_and_ends_with_the_same_bits(String method) throws Exception {
        String[] asked = {PREFERENCES, method, "training.samples={prompts: 2, max_new_tokens: 3}"};
        List<Map<String, Object>> uninterrupted = runs.train("uninterrupted", asked);
        boolean isOver = false;
        for (int questions = 1; !isOver; questions++) {
            String name = "stopped-" + questions;
            AtomicInteger left = new AtomicInteger(questions);
            isOver = runs.run(name, () -> left.decrementAndGet() <= 0, asked).isPresent();
            assertThat(runs.run(name, () -> false, asked)).isPresent();
            assertThat(runs.metrics(name)).isEqualTo(uninterrupted);
            assertThat(runs.evaluations(name)).isEqualTo(runs.evaluations("uninterrupted"));
            assertThat(folder.resolve(name).resolve("checkpoints/final/tabular-weights.bin"))
                    .hasSameBinaryContentAs(folder.resolve("uninterrupted/checkpoints/final/tabular-weights.bin"));
        }
    }

    @Test
    void a_checkpoint_holds_every_model_and_optimizer() {
        AtomicInteger left = new AtomicInteger(8);
        assertThat(runs.run("stopped", () -> left.decrementAndGet() <= 0, PREFERENCES, PPO))
                .isEmpty();
        Path checkpoint = folder.resolve("stopped/checkpoints/resume");
        for (String part : List.of("policy", "optimizer", "value", "value_optimizer", "reward", "reward_optimizer")) {
            assertThat(Files.isDirectory(checkpoint.resolve(part))).as(part).isTrue();
        }
    }

    @Test
    void the_result_has_the_sums_of_the_budgets_and_the_evaluations_of_preferences() {
        Map<String, Double> result =
                runs.run("ppo", () -> false, PREFERENCES, PPO).orElseThrow();
        // Five steps of the reward model; then ten steps of two passes of two updates of policy and value function.
        assertThat(result)
                .containsEntry("steps", 15.0)
                .containsEntry("budget/updates", 5.0 + 10 * 8)
                .containsEntry("budget/samples", 120.0)
                .containsKeys(
                        "budget/tokens", "budget/seconds", "eval/rewards/accuracies", "world/reward", "world/gap");
        assertThat(runs.run("without", () -> false, PREFERENCES).orElseThrow().keySet())
                .noneMatch(name -> name.startsWith("budget/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: ppo}|method.reward must be given",
                "{type: ppo, reward: maybe}|method.reward must be true or learned, got \"maybe\"",
                "{type: ppo, reward: learned}|method.reward_model must be given for reward: learned",
                "{type: ppo, reward: true, lam: 1.5}|method.lam must be in [0.0, 1.0], got 1.5",
                "{type: ppo, reward: true, cliprange: 0}|method.cliprange must be positive",
                "{type: rloo, reward: true, num_generations: 1}|method.num_generations must be at least 2, got 1",
                "{type: best_of_n, reward: true, num_generations: 1}|method.num_generations must be at least 2, got 1",
                "{type: best_of_n, reward: true, beta: 1}|method.beta",
                "{type: rlhf, ridge: -1}|method.ridge must be at least 0 and finite, got -1.0",
                "{type: grpo}|method.type must be a known name"
            })
    void bad_settings_are_refused_with_their_key(String given) {
        String[] parts = given.split("\\|");
        assertThatThrownBy(() -> runs.config(PREFERENCES, "method=" + parts[0]))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(parts[1]);
    }

    @Test
    void sft_terms_and_moving_references_are_refused_beside_a_reward() {
        assertThatThrownBy(() -> runs.config("method={type: rloo, reward: true}"))
                .hasMessageContaining("objective.sft must be absent for a method that learns from a reward");
        assertThatThrownBy(() -> runs.config(
                        PREFERENCES,
                        "method={type: rloo, reward: true}",
                        "reference={sync_steps: 2, mixup_alpha: 0.5}"))
                .hasMessageContaining("reference must be fixed for a method that learns from a reward");
    }
}
