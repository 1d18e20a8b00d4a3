package dpo.train.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.tabular.TabularBackend;
import dpo.train.Models;
import dpo.train.OnPreferences;
import dpo.train.StepReport;
import dpo.train.Trainer;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnlineTrainingTest {

    private static final TrainingSettings SETTINGS = Worlds.settings(0.5, 0.05).withBatches(10, 10);

    static Stream<TrainingMethod> methods() {
        return Stream.of(
                Worlds.ppo(RewardSource.TRUE, 3, 2),
                Worlds.ppo(RewardSource.LEARNED, 1, 1),
                Worlds.rloo(RewardSource.TRUE),
                Worlds.rloo(RewardSource.LEARNED),
                Worlds.bestOfN(RewardSource.TRUE, 3),
                Worlds.bestOfN(RewardSource.LEARNED, 2),
                new Rlhf(0.01, Optional.empty()));
    }

    private static List<Map<String, Number>> numbers(TrainingSettings settings, TrainingMethod method) {
        return Worlds.train(settings, method, 25).result().steps().stream()
                .map(StepReport::values)
                .<Map<String, Number>>map(TreeMap::new)
                .peek(values -> values.remove("step_seconds"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void the_same_seed_gives_the_same_bits(TrainingMethod method) {
        assertThat(numbers(SETTINGS, method)).isEqualTo(numbers(SETTINGS, method));
    }

    @Test
    void another_seed_samples_other_completions() {
        TrainingMethod method = Worlds.rloo(RewardSource.TRUE);
        assertThat(numbers(SETTINGS.withSeed(2), method)).isNotEqualTo(numbers(SETTINGS, method));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void micro_batches_change_no_number_beyond_rounding(TrainingMethod method) {
        List<Map<String, Number>> whole = numbers(SETTINGS, method);
        List<Map<String, Number>> split = numbers(SETTINGS.withBatches(10, 3), method);
        for (int i = 0; i < whole.size(); i++) {
            Map<String, Number> expected = whole.get(i);
            // The share of micro-batches done, as in TRL.
            split.get(i).forEach((name, value) -> {
                if (!name.equals("epoch")) {
                    assertThat(value.doubleValue())
                            .as(name)
                            .isCloseTo(expected.get(name).doubleValue(), within(1e-9));
                }
            });
        }
    }

    @Test
    void a_learned_reward_is_trained_before_the_policy_and_the_truth_is_recorded_beside_it() {
        List<StepReport> steps = Worlds.train(SETTINGS, Worlds.ppo(RewardSource.LEARNED, 1, 1), 25)
                .result()
                .steps();
        assertThat(steps).extracting(StepReport::step).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(steps.get(0).loss()).isCloseTo(Math.log(2), within(1e-15));
        assertThat(steps.get(0).metrics()).containsKey("reward_model/accuracy");
        assertThat(steps.get(5).terms()).containsOnlyKeys("reward");
        assertThat(steps.get(6).terms()).containsOnlyKeys("policy", "value");
        assertThat(steps.get(6).metrics())
                .containsKeys("objective/scores", "objective/true_scores", "val/explained_variance");
        assertThat(steps.get(6).metrics().get("objective/kl")).isZero();
    }

    @Test
    void budgets_count_samples_tokens_and_updates() {
        List<StepReport> ppo = Worlds.train(SETTINGS, Worlds.ppo(RewardSource.TRUE, 3, 2), 25)
                .result()
                .steps();
        StepReport first = ppo.get(0);
        // Sampled, scored by policy, reference and value; then three times by policy and value.
        assertThat(first.metrics())
                .containsEntry("budget/samples", 10.0)
                .containsEntry("budget/updates", 12.0)
                .containsEntry("budget/tokens", 10.0 * first.tokens());
        StepReport rloo = Worlds.train(SETTINGS, Worlds.rloo(RewardSource.TRUE), 25)
                .result()
                .steps()
                .get(0);
        assertThat(rloo.metrics())
                .containsEntry("budget/samples", 40.0)
                .containsEntry("budget/updates", 1.0)
                .containsEntry("budget/tokens", 4.0 * rloo.tokens());
        StepReport best = Worlds.train(SETTINGS, Worlds.bestOfN(RewardSource.TRUE, 3), 25)
                .result()
                .steps()
                .get(0);
        // Three samples of each prompt, the first pass; the kept ones pass through the policy.
        assertThat(best.metrics()).containsEntry("budget/samples", 30.0).containsEntry("budget/updates", 1.0);
        assertThat(best.metrics().get("budget/tokens")).isBetween(1.1 * best.tokens(), 1.9 * best.tokens());
    }

    @Test
    void the_first_of_the_best_completions_of_each_prompt_is_kept() {
        assertThat(BestOfN.best(new double[] {1, 3, 3, 2, 2, -5, -7, -6, -5}, 3))
                .containsExactly(1, 3, 8);
    }

    @Test
    void on_preferences_it_is_the_training_without_a_method_with_its_budget() {
        TrainingSettings settings = SETTINGS.withEpochs(2);
        List<StepReport> counted =
                Worlds.train(settings, new OnPreferences(), 25).result().steps();
        try (Policy policy = new TabularBackend().open(Worlds.MODEL, new Execution("cpu", 1), 1)) {
            List<StepReport> plain =
                    new Trainer(settings).train(policy, Worlds.pairs(25)).steps();
            assertThat(counted)
                    .extracting(StepReport::loss)
                    .isEqualTo(plain.stream().map(StepReport::loss).toList());
        }
        // The reference scores each preference once.
        assertThat(counted.get(0).metrics())
                .containsEntry("budget/tokens", 2.0 * counted.get(0).tokens());
        assertThat(counted.get(3).metrics())
                .containsEntry("budget/tokens", 1.0 * counted.get(3).tokens());
        assertThat(counted.get(3).metrics()).containsEntry("budget/samples", 0.0);
    }

    @Test
    void a_missing_value_function_and_a_missing_reference_are_refused() {
        TabularBackend backend = new TabularBackend();
        TrainingData data = new TrainingData(Worlds.pairs(5), List.of(), List.of());
        try (Policy policy = backend.open(Worlds.MODEL, new Execution("cpu", 1), 1);
                Policy other = backend.open(Worlds.MODEL, new Execution("cpu", 1), 1)) {
            Trainer ppo = new Trainer(SETTINGS.with(Worlds.ppo(RewardSource.TRUE, 1, 1)));
            assertThatThrownBy(() -> ppo.train(new Models(policy, Optional.of(other)), data))
                    .hasMessageContaining("models must hold a scalar model value, got []");
            assertThatThrownBy(() -> ppo.train(policy, data.train()))
                    .hasMessageContaining("second model must be given");
        }
    }

    @Test
    void bad_settings_are_refused() {
        assertThatThrownBy(() -> new Rlhf(-1, Optional.empty())).hasMessageContaining("ridge must be at least 0");
        assertThatThrownBy(() ->
                        new Rloo(new RewardSettings(RewardSource.TRUE, Optional.empty()), Optional.empty(), 1, 64))
                .hasMessageContaining("num_generations must be at least 2, got 1");
        assertThatThrownBy(() -> new RewardSettings(RewardSource.LEARNED, Optional.empty()))
                .hasMessageContaining("reward_model must be given for reward: learned");
        assertThatThrownBy(() -> new RewardSettings(RewardSource.TRUE, Optional.of(Worlds.REWARD_MODEL)))
                .hasMessageContaining("reward_model must be absent for reward: true");
        assertThatThrownBy(() -> new RewardTraining(0, 1, 0)).hasMessageContaining("learning_rate must be positive");
    }
}
