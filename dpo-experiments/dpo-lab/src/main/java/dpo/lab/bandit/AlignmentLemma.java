package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.PopulationLoss;
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
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Two answers, the better one with a reward higher by d, labels from the Bradley–Terry model. At the optimum
 *
 * <pre>  left − right = σ(−d) ρ (e^{−d/β} − 1) + σ(d) ρ⁻¹ (e^{d/β} − 1),</pre>
 *
 * which is negative if and only if log ρ &gt; d (1 + 1/β) / 2.
 *
 * @param referenceRatio ρ, the reference's probability of the worse answer divided by that of the better one
 * @param rewardGap d, the reward of the better answer minus that of the worse one
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "alignment-lemma",
        claim = "DPO raises the mean ratio of chosen to rejected: E[πθ(y_w)/πθ(y_l)] >= E[π_ref(y_w)/π_ref(y_l)]",
        source = "NeMo RL's page on DPO theory, lemma on alignment guarantees",
        verdict = Verdict.FAILS)
public record AlignmentLemma(
        @Setting(about = "ρ > 0: π_ref of the worse answer divided by π_ref of the better one", byDefault = "100")
        double referenceRatio,

        @Setting(about = "d > 0: reward of the better answer minus that of the worse one", byDefault = "2")
        double rewardGap,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "1")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    public AlignmentLemma {
        Requirement.positive("reference_ratio", referenceRatio);
        Requirement.positive("reward_gap", rewardGap);
        Requirement.positive("beta", beta);
    }

    @Override
    public Outcome run() {
        Ratios ratios = trained(referenceRatio);
        double better = LogSpace.sigmoid(rewardGap);
        double left = better * Math.exp(rewardGap / beta) / referenceRatio
                + (1 - better) * referenceRatio * Math.exp(-rewardGap / beta);
        double right = better / referenceRatio + (1 - better) * referenceRatio;
        double critical = Math.exp(rewardGap * (1 + 1 / beta) / 2);
        boolean holds = ratios.left() >= ratios.right();
        String condition = "log ρ <= d(1 + 1/β)/2, which is ρ <= " + text(critical);
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "left", "E[πθ(y_w)/πθ(y_l)] of DPO's optimum", ratios.left(), left, TOLERANCE),
                                Quantity.near("right", "E[π_ref(y_w)/π_ref(y_l)]", ratios.right(), right, TOLERANCE),
                                Quantity.near(
                                        "critical_ratio",
                                        "ρ at which both are equal, by root finding",
                                        criticalRatio(critical),
                                        critical,
                                        TOLERANCE)),
                        holds ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        holds
                                ? "The inequality holds if and only if " + condition + "; here ρ = "
                                        + text(referenceRatio) + "."
                                : "Counterexample: ρ = " + text(referenceRatio) + " gives " + text(ratios.left())
                                        + " < "
                                        + text(ratios.right()) + ". The inequality holds if and only if " + condition
                                        + ".")
                .with(plot(critical));
    }

    private record Ratios(double left, double right) {}

    /** Both sides of the inequality at the minimiser of DPO's population loss. */
    private Ratios trained(double ratio) {
        double[] reference = {1 / (1 + ratio), ratio / (1 + ratio)};
        List<AnswerPair> pairs = AnswerPair.bradleyTerry(new double[] {0.5, 0.5}, new double[] {rewardGap, 0});
        double[] logits = new PopulationLoss(new SigmoidLoss(beta, 0), reference, pairs)
                .minimum()
                .point();
        return new Ratios(mean(pairs, PopulationLoss.policy(logits)), mean(pairs, reference));
    }

    private static double mean(List<AnswerPair> pairs, double[] policy) {
        return pairs.stream()
                .mapToDouble(pair -> pair.probability() * policy[pair.chosen()] / policy[pair.rejected()])
                .sum();
    }

    /** ρ at which both sides are equal; NaN if there is none within a factor of e of the predicted one. */
    private double criticalRatio(double near) {
        UnivariateFunction difference = logRatio -> {
            Ratios at = trained(Math.exp(logRatio));
            return Math.log(at.left()) - Math.log(at.right());
        };
        double low = Math.log(near) - 1;
        double high = Math.log(near) + 1;
        if (!(difference.value(low) * difference.value(high) < 0)) {
            return Double.NaN;
        }
        return Math.exp(new BracketingNthOrderBrentSolver(1e-14, 1e-14, 5).solve(200, difference, low, high));
    }

    private Plot plot(double critical) {
        double[] ratios = IntStream.rangeClosed(-20, 20)
                .mapToDouble(i -> critical * Math.pow(10, i / 10.0))
                .toArray();
        List<Ratios> both = IntStream.range(0, ratios.length)
                .mapToObj(i -> trained(ratios[i]))
                .toList();
        return new Plot(
                "alignment-lemma",
                "Mean ratio of chosen to rejected probability under DPO's optimum and under the reference, against the"
                        + " reference's ratio ρ of the worse to the better answer (d = " + text(rewardGap) + ", β = "
                        + text(beta) + "). They cross at ρ = " + text(critical) + ".",
                new PlotAxis("reference ratio ρ", PlotScale.LOGARITHMIC),
                new PlotAxis("mean ratio π(y_w)/π(y_l)", PlotScale.LOGARITHMIC),
                List.of(
                        PlotSeries.of(
                                "DPO's optimum",
                                PlotStyle.LINE,
                                ratios,
                                both.stream().mapToDouble(Ratios::left).toArray()),
                        PlotSeries.of(
                                "reference",
                                PlotStyle.DASHED,
                                ratios,
                                both.stream().mapToDouble(Ratios::right).toArray())));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }
}
