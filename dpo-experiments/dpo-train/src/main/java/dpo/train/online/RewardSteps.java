package dpo.train.online;

import dpo.core.InvalidInputException;
import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Restorable;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import dpo.train.Budget;
import dpo.train.Models;
import dpo.train.StepReport;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The steps of a reward model on preferences: {@code (1/N) Σ_j −w_j log σ(r(y_w) − r(y_l))} (Bradley–Terry;
 * arXiv:2203.02155, eq. 1), where r is the value after the last token.
 */
final class RewardSteps implements TrainingSteps {

    /** The name of the reward model. */
    static final String MODEL = "reward";

    private final List<Preference> preferences;
    private final ScalarModel reward;
    private final AdamW adamW;
    private final BatchPlan plan;
    private final Optimizer optimizer;

    RewardSteps(RewardTraining training, TrainingSettings settings, List<Preference> preferences, Models models) {
        preferences.forEach(RewardSteps::requireUsable);
        this.preferences = preferences;
        this.reward = models.scalar(MODEL);
        this.adamW = training.optimizer(settings.optimizer());
        this.plan = BatchPlan.of(
                Preference.distinctTokens(preferences),
                settings.batchSize(),
                settings.microBatches(),
                training.epochs(),
                settings.order(),
                new RandomStreams(settings.seed()));
        this.optimizer = reward.optimizer(adamW);
    }

    private static void requireUsable(Preference preference) {
        boolean isPair = preference.completions().size() == 2;
        boolean hasOneTurn = preference.completions().stream()
                .allMatch(completion -> completion.turns().size() == 1);
        if (!isPair || !hasOneTurn) {
            throw new InvalidInputException("a learned reward needs pairs of completions of one turn, got another"
                    + " preference (pair " + preference.id() + ")");
        }
    }

    @Override
    public int count() {
        return plan.steps();
    }

    @Override
    public StepReport take(int step, Map<String, Double> carried) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        double loss = 0;
        int correct = 0;
        long tokens = 0;
        for (List<Integer> indices : batches.microBatches()) {
            PreferenceBatch batch =
                    new PreferenceBatch(indices.stream().map(preferences::get).toList());
            try (ScalarPass pass = reward.forward(batch.sequences())) {
                double[][] gradient = new double[2 * indices.size()][];
                for (int j = 0; j < indices.size(); j++) {
                    double share = batch.preferences().get(j).label().weight() / batches.examples();
                    double margin = last(pass.values()[2 * j]) - last(pass.values()[2 * j + 1]);
                    loss -= share * LogSpace.logSigmoid(margin);
                    correct += margin > 0 ? 1 : 0;
                    double slope = -share * LogSpace.sigmoid(-margin);
                    gradient[2 * j] = atEnd(slope, pass.values()[2 * j].length);
                    gradient[2 * j + 1] = atEnd(-slope, pass.values()[2 * j + 1].length);
                }
                pass.backward(gradient);
            }
            tokens +=
                    batch.sequences().stream().mapToLong(TokenSequence::length).sum();
        }
        double norm = optimizer.step(adamW.learningRate());
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("reward_model/accuracy", (double) correct / batches.examples());
        metrics.putAll(new Budget(0, tokens, 1).metrics());
        return new StepReport(
                step,
                batches.epoch(),
                Checks.requireFinite(step, "loss of the reward model", loss),
                Map.of("reward", loss),
                Map.of(),
                Checks.requireFinite(step, "grad_norm of the reward model", norm),
                adamW.learningRate(),
                metrics,
                tokens,
                (System.nanoTime() - begin) / 1e9);
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }

    private static double[] atEnd(double slope, int length) {
        double[] gradient = new double[length];
        gradient[length - 1] = slope;
        return gradient;
    }

    /** The reward of each sequence under the model in its current state. */
    double[] rewards(List<TokenSequence> sequences) {
        return Arrays.stream(reward.values(sequences))
                .mapToDouble(RewardSteps::last)
                .toArray();
    }

    @Override
    public Map<String, Restorable> state() {
        return new TreeMap<>(Map.of("reward", reward, "reward_optimizer", optimizer));
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
