package dpo.lab.estimation;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import java.util.List;

/**
 * Training of the tabular backend with all pairs in each step, by AdamW without decay and at a constant learning rate.
 *
 * @param model the controlled world
 * @param loss the objective
 * @param learningRate learning rate of each step
 */
record FullBatchTraining(TabularModel model, PreferenceLoss loss, double learningRate) {

    /** Trains from the reference, and gives the exact KL(πθ‖π_ref) after each number of steps. */
    double[] kl(PreferenceBatch data, List<Integer> steps) {
        AdamW adam = new AdamW(learningRate, List.of(0.9, 0.999), 1e-8, 0, 1e9);
        double[] kl = new double[steps.size()];
        try (Policy policy = new TabularBackend().open(model, new Execution("cpu", 1), 0);
                Optimizer optimizer = policy.optimizer(adam)) {
            TokenLogProbs reference = policy.logProbs(data.sequences());
            int done = 0;
            for (int i = 0; i < kl.length; i++) {
                for (; done < steps.get(i); done++) {
                    step(policy, optimizer, reference, data);
                }
                kl[i] = policy.exactEvaluation().orElseThrow().policy().kl();
            }
        }
        return kl;
    }

    private void step(Policy policy, Optimizer optimizer, TokenLogProbs reference, PreferenceBatch data) {
        try (ForwardPass pass = policy.forward(data.sequences())) {
            PreferenceLogProbs logProbs = new PreferenceLogProbs(pass.logProbs(), reference, Labels.of(data.labels()));
            pass.backward(loss.evaluate(logProbs, Normalizer.of(logProbs)).gradient());
            optimizer.step(learningRate);
        }
    }
}
