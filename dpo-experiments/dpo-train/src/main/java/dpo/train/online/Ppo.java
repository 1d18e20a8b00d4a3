package dpo.train.online;

import dpo.core.sequence.Preference;
import dpo.core.setting.Inlined;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.train.Models;
import dpo.train.StepSamples;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347) with the reward of InstructGPT (Ouyang et al.
 * 2022, arXiv:2203.02155): {@code r_t = −β (log π(y_t) − log π_ref(y_t))} at each token, and r(x, y) at the last one.
 *
 * <p>A step samples one completion for each prompt of a batch, estimates advantages by {@linkplain
 * Advantages#generalised GAE}, and updates policy and value function several times by {@link ClippedSurrogate} and {@link
 * ClippedValueLoss}. Differences from TRL: policy and value function are different models, each with an optimizer of its
 * own, so there is no {@code vf_coef}; completions have no penalty for a missing end token.
 *
 * @param reward the reward r
 * @param beta β, weight of the penalty; absent: that of the objective
 * @param numPpoEpochs passes over the completions of a step
 * @param numMiniBatches updates in each pass, at most one per completion
 * @param cliprange ε of the surrogate
 * @param cliprangeValue ε of the value loss
 * @param gamma γ of GAE
 * @param lam λ of GAE
 * @param whitenAdvantages whether advantages are standardised over the tokens of a step
 * @param valueLearningRate learning rate of the value function, with the schedule of the policy's
 * @param maxNewTokens largest number of tokens of a completion
 */
public record Ppo(
        @Inlined RewardSettings reward,

        @Setting(about = "β >= 0: weight of the KL penalty; absent: β of the objective")
        Optional<Double> beta,

        @Setting(about = "passes over the completions of a step", byDefault = "4")
        int numPpoEpochs,

        @Setting(about = "updates in each pass, at most one per completion", byDefault = "1")
        int numMiniBatches,

        @Setting(about = "ε > 0: clip of the probability ratio", byDefault = "0.2")
        double cliprange,

        @Setting(about = "ε > 0: clip of the change of values; .inf for none", byDefault = ".inf")
        double cliprangeValue,

        @Setting(about = "γ in [0, 1]: discount", byDefault = "1.0")
        double gamma,

        @Setting(about = "λ in [0, 1] of GAE", byDefault = "0.95")
        double lam,

        @Setting(about = "advantages with mean 0 and variance 1 over the tokens of a step", byDefault = "true")
        boolean whitenAdvantages,

        @Setting(about = "learning rate > 0 of the value function; absent: that of the policy")
        Optional<Double> valueLearningRate,

        @Setting(about = "maximum number of tokens of a sampled completion, >= 1", byDefault = "64")
        int maxNewTokens)
        implements TrainingMethod {

    public Ppo {
        beta.ifPresent(value -> Requirement.notNegative("beta", value));
        Requirement.atLeast("num_ppo_epochs", numPpoEpochs, 1);
        Requirement.atLeast("num_mini_batches", numMiniBatches, 1);
        Requirement.positive("cliprange", cliprange);
        Requirement.holds(cliprangeValue > 0, "cliprange_value", "must be positive", cliprangeValue);
        Requirement.between("gamma", gamma, 0, 1);
        Requirement.between("lam", lam, 0, 1);
        valueLearningRate.ifPresent(rate -> Requirement.positive("value_learning_rate", rate));
        Requirement.atLeast("max_new_tokens", maxNewTokens, 1);
    }

    @Override
    public List<String> scalarModels() {
        return Stream.concat(Stream.of(PpoSteps.VALUE), reward.scalarModels().stream())
                .toList();
    }

    @Override
    public Optional<StepSamples> samples() {
        return Optional.of(new StepSamples(1, maxNewTokens));
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
        return reward.before(
                settings,
                data,
                models,
                learned -> new PpoSteps(
                        this, settings, data, models, new Rollouts(settings, data, models, learned, maxNewTokens)));
    }

    @Override
    public OptionalDouble beta(TrainingSettings settings) {
        return OptionalDouble.of(beta.orElseGet(() -> settings.loss().beta()));
    }
}
