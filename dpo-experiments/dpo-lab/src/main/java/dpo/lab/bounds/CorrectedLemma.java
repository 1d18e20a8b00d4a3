package dpo.lab.bounds;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.core.theory.SigmoidLossBounds;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Outcome;
import dpo.lab.Quantity;
import dpo.lab.Verdict;
import dpo.report.figure.Plot;
import dpo.report.figure.Plot.PlotAxis;
import dpo.report.figure.Plot.PlotScale;
import dpo.report.figure.Plot.PlotSeries;
import dpo.report.figure.Plot.PlotStyle;
import dpo.train.StepReport;
import dpo.train.Trainer;
import dpo.train.TrainingResult;
import dpo.train.TrainingSettings;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Trains DPO in the controlled world and compares margins and wrong pairs of each step with the bounds that its loss
 * implies.
 *
 * @param loss L of the bounds that are reported as numbers, nats
 * @param beta β of the training
 * @param pairs number of training pairs
 * @param epochs passes through them
 * @param learningRate of AdamW
 * @param seed seed of pairs and order
 */
@Claim(
        name = "corrected-lemma",
        claim = "a mean sigmoid loss L implies E[βΔ] >= −log(e^L − 1) and at most a share L/log 2 of pairs with Δ <= 0",
        source = "convexity of −log σ (Jensen); −log σ(0) = log 2",
        verdict = Verdict.HOLDS)
public record CorrectedLemma(
        @Setting(about = "L > 0: the loss whose bounds are reported, nats", byDefault = "0.5")
        double loss,

        @Setting(about = "β > 0 of the training", byDefault = "0.5")
        double beta,

        @Setting(about = "training pairs, >= 1", byDefault = "256")
        int pairs,

        @Setting(about = "passes through the pairs, >= 1", byDefault = "8")
        int epochs,

        @Setting(about = "learning rate > 0 of AdamW", byDefault = "0.1")
        double learningRate,

        @Setting(about = "seed of pairs and order", byDefault = "1")
        long seed)
        implements Experiment {

    private static final double ROUNDING = 1e-12;
    private static final int BATCH = 32;

    public CorrectedLemma {
        Requirement.positive("loss", loss);
        Requirement.positive("beta", beta);
        Requirement.atLeast("pairs", pairs, 1);
        Requirement.atLeast("epochs", epochs, 1);
        Requirement.positive("learning_rate", learningRate);
    }

    @Override
    public Outcome run() {
        List<StepReport> steps = train().steps();
        double marginSlack = least(steps, step -> margin(step) - SigmoidLossBounds.meanMargin(step.loss()));
        double shareSlack = least(steps, step -> SigmoidLossBounds.wrongShare(step.loss()) - wrongShare(step));
        boolean holds = marginSlack >= -ROUNDING && shareSlack >= -ROUNDING;
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "margin_bound",
                                        "−log(e^L − 1) at the given L; expected: the root of −log σ(x) = L",
                                        SigmoidLossBounds.meanMargin(loss),
                                        marginOf(loss),
                                        1e-9),
                                Quantity.near(
                                        "wrong_share_bound",
                                        "min(1, L/log 2) at the given L",
                                        SigmoidLossBounds.wrongShare(loss),
                                        Math.min(1, loss / -LogSpace.logSigmoid(0)),
                                        1e-12),
                                Quantity.ranging(
                                        "margin_slack",
                                        "least E[βΔ] minus its bound over all steps; 0 at a step whose margins are equal",
                                        marginSlack,
                                        -ROUNDING,
                                        Double.POSITIVE_INFINITY),
                                Quantity.ranging(
                                        "wrong_share_slack",
                                        "least bound minus wrong share over all steps",
                                        shareSlack,
                                        -ROUNDING,
                                        Double.POSITIVE_INFINITY)),
                        holds ? Verdict.HOLDS : Verdict.FAILS,
                        String.format(
                                Locale.ROOT,
                                "%s at %d steps. The least distance of the mean margin from its bound is %.3g, that of the"
                                        + " wrong share %.3g.",
                                holds ? "Both bounds hold" : "A bound is violated",
                                steps.size(),
                                marginSlack,
                                shareSlack))
                .with(plot(steps));
    }

    private TrainingResult train() {
        TabularModel model = new TabularModel(8, 8, 4, 0, 1, 1);
        List<Preference> data = model.world().samplePairs(pairs, new RandomStreams(seed).stream("pairs"));
        TrainingSettings settings = TrainingSettings.of(new SigmoidLoss(beta, 0), learningRate)
                .withBatches(BATCH, BATCH)
                .withEpochs(epochs)
                .withSeed(seed);
        try (Policy policy = new TabularBackend().open(model, new Execution("cpu", 1), seed)) {
            return new Trainer(settings).train(policy, data);
        }
    }

    private static double margin(StepReport step) {
        return metric(step, "rewards/margins");
    }

    /** The share of pairs with Δ ≤ 0; the accuracy counts a tie as half. */
    private static double wrongShare(StepReport step) {
        return 1 - metric(step, "rewards/accuracies") + metric(step, "rewards/ties") / 2;
    }

    private static double metric(StepReport step, String name) {
        return step.metrics().getOrDefault(name, Double.NaN);
    }

    private static double least(List<StepReport> steps, ToDoubleFunction<StepReport> slack) {
        return steps.stream().mapToDouble(slack).min().orElse(Double.NaN);
    }

    /** The margin at which one pair has a loss, found as a root. */
    private static double marginOf(double loss) {
        return new BracketingNthOrderBrentSolver(1e-14, 1e-14, 5)
                .solve(500, x -> Math.log(-LogSpace.logSigmoid(x)) - Math.log(loss), -2 * loss - 2, 700);
    }

    private static Plot plot(List<StepReport> steps) {
        double[] at = steps.stream().mapToDouble(StepReport::step).toArray();
        return new Plot(
                "corrected-lemma",
                "Mean margin of each step of a DPO run, and the least mean margin that its loss allows.",
                new PlotAxis("optimizer step", PlotScale.LINEAR),
                new PlotAxis("mean margin E[βΔ], nats", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "mean margin",
                                PlotStyle.LINE,
                                at,
                                steps.stream()
                                        .mapToDouble(CorrectedLemma::margin)
                                        .toArray()),
                        PlotSeries.of(
                                "bound −log(e^L − 1)",
                                PlotStyle.DASHED,
                                at,
                                steps.stream()
                                        .mapToDouble(step -> SigmoidLossBounds.meanMargin(step.loss()))
                                        .toArray())));
    }
}
