package dpo.train.online;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.Execution;
import dpo.core.backend.ScalarModel;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Preference;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.train.Models;
import dpo.train.Trainer;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import dpo.train.TrainingResult;
import dpo.train.TrainingSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Trainings in a small controlled world. */
final class Worlds {

    static final TabularModel MODEL = new TabularModel(5, 4, 2, 3, 0.7, 1);
    static final RewardTraining REWARD_MODEL = new RewardTraining(0.1, 2, 0);

    private static final Execution CPU = new Execution("cpu", 1);

    private Worlds() {}

    /** A result with the exact evaluation of the trained policy. */
    record Trained(TrainingResult result, ExactEvaluation exact) {

        /** {@code E[r] − β KL} of the optimum less that of the policy, relative to the range of rewards. */
        double regret(double beta) {
            var best = exact.optimum(beta);
            var reached = exact.policy();
            double range = exact.optimum(1e-3).reward()
                    - exact.optimum(Double.POSITIVE_INFINITY).reward();
            return (best.reward() - beta * best.kl() - reached.reward() + beta * reached.kl()) / range;
        }
    }

    static List<Preference> pairs(int n) {
        return MODEL.world().samplePairs(n, new SplittableRandom(11));
    }

    static TrainingSettings settings(double beta, double learningRate) {
        return TrainingSettings.of(new SigmoidLoss(beta, 0), learningRate);
    }

    static Trained train(TrainingSettings settings, TrainingMethod method, int pairs) {
        TabularBackend backend = new TabularBackend();
        Map<String, ScalarModel> scalars = new LinkedHashMap<>();
        method.scalarModels().forEach(name -> scalars.put(name, backend.openScalar(MODEL, CPU, 1)));
        try (Models models =
                new Models(backend.open(MODEL, CPU, 1), Optional.of(backend.open(MODEL, CPU, 1)), scalars)) {
            TrainingResult result = new Trainer(settings.with(method))
                    .train(models, new TrainingData(pairs(pairs), List.of(), List.of()));
            ExactEvaluation exact = models.policy().exactEvaluation().orElseThrow();
            return new Trained(result, exact);
        }
    }

    private static RewardSettings settings(RewardSource reward) {
        return new RewardSettings(
                reward, reward == RewardSource.LEARNED ? Optional.of(REWARD_MODEL) : Optional.empty());
    }

    static Ppo ppo(RewardSource reward, int epochs, int miniBatches) {
        return new Ppo(
                settings(reward),
                Optional.empty(),
                epochs,
                miniBatches,
                0.2,
                Double.POSITIVE_INFINITY,
                1,
                0.95,
                true,
                Optional.of(0.1),
                64);
    }

    static Rloo rloo(RewardSource reward) {
        return new Rloo(settings(reward), Optional.empty(), 4, 64);
    }

    static BestOfN bestOfN(RewardSource reward, int n) {
        return new BestOfN(settings(reward), n, 64);
    }
}
