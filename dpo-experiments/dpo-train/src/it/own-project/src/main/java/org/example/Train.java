package org.example;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.train.StepReport;
import dpo.train.Trainer;
import dpo.train.TrainingResult;
import dpo.train.TrainingSettings;
import java.util.List;

/** Trains a small tabular policy with DPO, on preferences that are drawn from a known reward. */
public final class Train {

    public static void main(String[] arguments) {
        TabularModel model = new TabularModel(5, 4, 2, 0, 1, 1);
        List<Preference> preferences = model.world().samplePairs(60, new RandomStreams(1).stream("train"));
        TrainingSettings settings = TrainingSettings.of(new SigmoidLoss(0.1, 0), 0.05).withBatches(12, 6).withEpochs(2);
        try (Policy policy = new TabularBackend().open(model, new Execution("cpu", 1), 1)) {
            TrainingResult result = new Trainer(settings).train(policy, preferences);
            result.steps().forEach(step -> System.out.println(step.step() + " " + step.loss()));
            List<StepReport> steps = result.steps();
            if (steps.get(0).loss() != Math.log(2) || steps.get(steps.size() - 1).loss() >= Math.log(2)) {
                throw new IllegalStateException("loss must start at log 2 and fall, got " + steps);
            }
        }
    }

    private Train() {}
}
