package dpo.train.online;

import dpo.core.sequence.Preference;
import dpo.core.setting.Inlined;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.train.Budget;
import dpo.train.Models;
import dpo.train.StepSamples;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * REINFORCE with a leave-one-out baseline (RLOO; Ahmadian et al. 2024, arXiv:2402.14740). A step samples k completions
 * for each prompt of a batch and takes one update along
 *
 * <pre>  (1/n) Σ_i A_i ∇ log π(y_i),   A_i = R_i − mean of the other R of the prompt,   R = r − β (log π − log π_ref)</pre>
 *
 * which is an unbiased estimate of the gradient of {@code E[r] − β KL(π ‖ π_ref)}.
 *
 * @param reward the reward r
 * @param beta β, weight of the penalty; absent: that of the objective
 * @param numGenerations k
 * @param maxNewTokens largest number of tokens of a completion
 */
public record Rloo(
        @Inlined RewardSettings reward,

        @Setting(about = "β >= 0: weight of the KL penalty; absent: β of the objective")
        Optional<Double> beta,

        @Setting(about = "k >= 2: completions of each prompt", byDefault = "4")
        int numGenerations,

        @Setting(about = "maximum number of tokens of a sampled completion, >= 1", byDefault = "64")
        int maxNewTokens)
        implements TrainingMethod {

    public Rloo {
        beta.ifPresent(value -> Requirement.notNegative("beta", value));
        Requirement.atLeast("num_generations", numGenerations, 2);
        Requirement.atLeast("max_new_tokens", maxNewTokens, 1);
    }

    @Override
    public List<String> scalarModels() {
        return reward.scalarModels();
    }

    @Override
    public Optional<StepSamples> samples() {
        return Optional.of(new StepSamples(numGenerations, maxNewTokens));
    }

    @Override
    public long mostTokens(TrainingSettings settings, List<Preference> preferences, int maxLength) {
        return reward.tokens(preferences) + TrainingMethod.super.mostTokens(settings, preferences, maxLength);
    }

    @Override
    public int stepCount(TrainingSettings settings, int preferences) {
        return reward.stepCount(settings, preferences);
    }

    @Override
    public TrainingSteps steps(
            TrainingSettings settings, TrainingData data, Models models, Supplier<TrainingSteps> onPreferences) {
        double weight = beta(settings).orElseThrow();
        return reward.before(settings, data, models, learned -> {
            Rollouts rollouts = new Rollouts(settings, data, models, learned, maxNewTokens);
            return new WeightedSteps(
                    settings,
                    data,
                    models.policy(),
                    rollouts,
                    (step, prompts) -> draw(rollouts, step, prompts, weight));
        });
    }

    private WeightedSteps.Completions draw(Rollouts rollouts, int step, List<Integer> prompts, double weight) {
        Rollout rollout = rollouts.sample(step, prompts, numGenerations);
        double[] returns = IntStream.range(0, rollout.size())
                .mapToDouble(row -> rollout.rewards()[row] - weight * rollout.logRatio(row))
                .toArray();
        return new WeightedSteps.Completions(
                rollout.sequences(),
                Arrays.stream(Advantages.leaveOneOut(returns, numGenerations))
                        .map(advantage -> advantage / rollout.size())
                        .toArray(),
                rollout.metrics(weight),
                new Budget(rollout.size(), rollouts.tokens(rollout), 0),
                rollout.tokens());
    }

    @Override
    public OptionalDouble beta(TrainingSettings settings) {
        return OptionalDouble.of(beta.orElseGet(() -> settings.loss().beta()));
    }
}
