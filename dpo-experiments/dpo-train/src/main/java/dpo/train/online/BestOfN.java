package dpo.train.online;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Best of n (Stiennon et al. 2020, arXiv:2009.01325), learned by the policy: a step samples n completions of each prompt
 * of a batch from the reference, keeps the one with the highest reward, and takes one update of SFT on those, along
 *
 * <pre>  (1/N) Σ_j ∇ log π(y_j)</pre>
 *
 * so that one completion of the policy is distributed as the best of n of the reference, as far as the policy can
 * represent it (rejection sampling fine-tuning; Touvron et al. 2023, arXiv:2307.09288, section 3.2.3). There is no β: n
 * takes its place, since {@code KL(π_n ‖ π_ref) <= log n − (n − 1)/n} (Beirami et al. 2024, arXiv:2401.01879).
 *
 * @param reward the reward r
 * @param numGenerations n
 * @param maxNewTokens largest number of tokens of a completion
 */
public record BestOfN(
        @Inlined RewardSettings reward,

        @Setting(about = "n >= 2: completions of each prompt, of which the best is kept", byDefault = "4")
        int numGenerations,

        @Setting(about = "maximum number of tokens of a sampled completion, >= 1", byDefault = "64")
        int maxNewTokens)
        implements TrainingMethod {

    public BestOfN {
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
        return reward.before(settings, data, models, learned -> {
            Rollouts rollouts = new Rollouts(settings, data, models, learned, maxNewTokens);
            return new WeightedSteps(
                    settings, data, models.policy(), rollouts, (step, prompts) -> draw(rollouts, step, prompts));
        });
    }

    private WeightedSteps.Completions draw(Rollouts rollouts, int step, List<Integer> prompts) {
        List<TokenSequence> drawn = rollouts.ofReference(step, prompts, numGenerations);
        double[] rewards = rollouts.rewards(step, drawn);
        int[] best = best(rewards, numGenerations);
        List<TokenSequence> kept = Arrays.stream(best).mapToObj(drawn::get).toList();
        double[] weights = new double[kept.size()];
        Arrays.fill(weights, 1.0 / kept.size());
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(
                "objective/scores",
                Rollout.mean(
                        Arrays.stream(best).mapToDouble(row -> rewards[row]).toArray()));
        rollouts.trueRewards(kept).ifPresent(values -> metrics.put("objective/true_scores", Rollout.mean(values)));
        metrics.put(
                "completion_length",
                Rollout.mean(
                        kept.stream().mapToDouble(TokenSequence::scoredTokens).toArray()));
        return new WeightedSteps.Completions(
                kept, weights, metrics, new Budget(drawn.size(), rollouts.tokens(drawn), 0), Rollouts.length(drawn));
    }

    /** The row of the highest reward of each prompt, the first one of equals. */
    static int[] best(double[] rewards, int perPrompt) {
        int[] best = new int[rewards.length / perPrompt];
        for (int prompt = 0; prompt < best.length; prompt++) {
            best[prompt] = prompt * perPrompt;
            for (int row = best[prompt] + 1; row < (prompt + 1) * perPrompt; row++) {
                best[prompt] = rewards[row] > rewards[best[prompt]] ? row : best[prompt];
            }
        }
        return best;
    }
}
