package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.AdamW;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** DPO training in the controlled world, end to end. */
class TrainingTest {

    private static final TabularModel MODEL = new TabularModel(8, 8, 4, 7, 1.0, 1.0);

    @Test
    void preference_optimisation_approaches_the_optimum_and_does_not_exceed_it() {
        double beta = 0.5;
        List<Preference> pairs = MODEL.world().samplePairs(1024, new RandomStreams(1).stream("pairs"));
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            ExactEvaluation exact = policy.exactEvaluation().orElseThrow();
            double atStart = exact.policy().reward();
            train(policy, pairs, new SigmoidLoss(beta, 0), 300);
            ExactEvaluation.RewardAndKl end =
                    policy.exactEvaluation().orElseThrow().policy();
            ExactEvaluation.RewardAndKl best = exact.optimum(beta);
            assertThat(end.reward()).isGreaterThan(atStart + 0.5 * (best.reward() - atStart));
            assertThat(end.reward() - beta * end.kl()).isLessThan(best.reward() - beta * best.kl());
        }
    }

    private static void train(Policy policy, List<Preference> pairs, SigmoidLoss loss, int steps) {
        AdamW adamW = new AdamW(0.03, List.of(0.9, 0.999), 1e-8, 0, 1);
        int size = 64;
        List<PreferenceBatch> batches = java.util.stream.IntStream.range(0, pairs.size() / size)
                .mapToObj(i -> new PreferenceBatch(pairs.subList(i * size, (i + 1) * size)))
                .toList();
        List<TokenLogProbs> references = batches.stream()
                .map(batch -> policy.logProbs(batch.sequences()))
                .toList();
        try (Optimizer optimizer = policy.optimizer(adamW)) {
            for (int step = 0; step < steps; step++) {
                PreferenceBatch batch = batches.get(step % batches.size());
                TokenLogProbs reference = references.get(step % batches.size());
                try (ForwardPass pass = policy.forward(batch.sequences())) {
                    PreferenceLogProbs logProbs =
                            new PreferenceLogProbs(pass.logProbs(), reference, Labels.of(batch.labels()));
                    LossEvaluation evaluation = loss.evaluate(logProbs, Normalizer.of(logProbs));
                    pass.backward(evaluation.gradient());
                }
                optimizer.step(adamW.learningRate());
            }
        }
    }
}
