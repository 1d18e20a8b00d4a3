package dpo.train.online;

import dpo.core.InvalidInputException;
import dpo.core.backend.ExactRlhf;
import dpo.core.backend.Policy;
import dpo.core.backend.Restorable;
import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.train.Budget;
import dpo.train.Models;
import dpo.train.StepReport;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * Two-stage RLHF without sampling: a reward is fitted to the preferences by Bradley–Terry with a ridge, and the policy is
 * set to the exact optimum of {@code E[r̂] − β KL(π ‖ π_ref)}. It is one step, for policies of a controlled world; see
 * {@link ExactRlhf}.
 *
 * @param ridge weight of the ridge
 * @param beta β; absent: that of the objective
 */
public record Rlhf(
        @Setting(
                about = "weight >= 0 of ½‖r‖² in the fit of the reward; 0: the exact fit, if it exists",
                byDefault = "0.001")
        double ridge,

        @Setting(about = "β > 0 of the optimum; absent: β of the objective")
        Optional<Double> beta)
        implements TrainingMethod {

    public Rlhf {
        Requirement.notNegative("ridge", ridge);
        beta.ifPresent(value -> Requirement.positive("beta", value));
    }

    @Override
    public boolean needsReferenceModel() {
        return false;
    }

    @Override
    public long mostTokens(TrainingSettings settings, List<Preference> preferences, int maxLength) {
        return preferences.stream().mapToLong(Preference::tokens).sum();
    }

    @Override
    public int stepCount(TrainingSettings settings, int preferences) {
        return 1;
    }

    @Override
    public TrainingSteps steps(
            TrainingSettings settings, TrainingData data, Models models, Supplier<TrainingSteps> onPreferences) {
        ExactRlhf exact = models.policy()
                .exactRlhf()
                .orElseThrow(() -> new InvalidInputException("method must not be rlhf for a model whose optimum cannot"
                        + " be computed exactly; use ppo or rloo with reward: learned"));
        return new OneStep(
                exact, models.policy(), data.train(), ridge, beta(settings).orElseThrow());
    }

    @Override
    public OptionalDouble beta(TrainingSettings settings) {
        return OptionalDouble.of(beta.orElseGet(() -> settings.loss().beta()));
    }

    private record OneStep(ExactRlhf exact, Policy policy, List<Preference> preferences, double ridge, double beta)
            implements TrainingSteps {

        @Override
        public int count() {
            return 1;
        }

        @Override
        public StepReport take(int step, Map<String, Double> carried) {
            long begin = System.nanoTime();
            ExactRlhf.RewardFit fit;
            try {
                fit = exact.solve(preferences, ridge, beta);
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException("method rlhf must have usable pairs: " + e.getMessage(), e);
            }
            long tokens = preferences.stream().mapToLong(Preference::tokens).sum();
            Map<String, Double> metrics =
                    new LinkedHashMap<>(new Budget(0, fit.iterations() * tokens, fit.iterations()).metrics());
            return new StepReport(
                    step,
                    1,
                    fit.loss(),
                    Map.of("reward", fit.loss()),
                    Map.of(),
                    fit.slope(),
                    0,
                    metrics,
                    tokens,
                    (System.nanoTime() - begin) / 1e9);
        }

        @Override
        public Map<String, Restorable> state() {
            return Map.of("policy", policy);
        }

        /** Nothing to close. */
        @Override
        public void close() {}
    }
}
