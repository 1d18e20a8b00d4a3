package dpo.train;

import dpo.core.backend.Restorable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Training on the preferences themselves by the objective, as without a method, with the {@link Budget} of each step
 * recorded.
 */
public record OnPreferences() implements TrainingMethod {

    @Override
    public boolean needsReferenceModel() {
        return false;
    }

    @Override
    public int stepCount(TrainingSettings settings, int preferences) {
        return settings.stepsOver(preferences);
    }

    @Override
    public TrainingSteps steps(
            TrainingSettings settings, TrainingData data, Models models, Supplier<TrainingSteps> onPreferences) {
        int stepsOfEpoch = settings.stepsPerEpoch(data.train().size());
        return new Counted(onPreferences.get(), settings.loss().usesReference(), stepsOfEpoch);
    }

    /** Adds the budget: the reference scores each preference once, here counted in the first epoch. */
    private record Counted(TrainingSteps steps, boolean usesReference, int stepsOfEpoch) implements TrainingSteps {

        @Override
        public int count() {
            return steps.count();
        }

        @Override
        public void begin() {
            steps.begin();
        }

        @Override
        public StepReport take(int step, Map<String, Double> carried) {
            StepReport report = steps.take(step, carried);
            int passes = usesReference && step <= stepsOfEpoch ? 2 : 1;
            Map<String, Double> metrics = new LinkedHashMap<>(report.metrics());
            metrics.putAll(new Budget(0, passes * report.tokens(), 1).metrics());
            return report.withMetrics(metrics);
        }

        @Override
        public Map<String, Restorable> state() {
            return steps.state();
        }

        @Override
        public void close() {
            steps.close();
        }
    }
}
