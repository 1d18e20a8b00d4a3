package dpo.train.online;

import dpo.core.backend.Restorable;
import dpo.train.StepReport;
import dpo.train.TrainingSteps;
import java.util.Map;
import java.util.TreeMap;

/** The steps of a reward model, and after them those of the policy. */
record AfterReward(TrainingSteps reward, TrainingSteps policy) implements TrainingSteps {

    @Override
    public int count() {
        return Math.addExact(reward.count(), policy.count());
    }

    @Override
    public StepReport take(int step, Map<String, Double> carried) {
        return step <= reward.count()
                ? reward.take(step, carried)
                : policy.take(step - reward.count(), carried).withStep(step);
    }

    @Override
    public Map<String, Restorable> state() {
        Map<String, Restorable> state = new TreeMap<>(reward.state());
        state.putAll(policy.state());
        return state;
    }

    @Override
    public void close() {
        reward.close();
        policy.close();
    }
}
