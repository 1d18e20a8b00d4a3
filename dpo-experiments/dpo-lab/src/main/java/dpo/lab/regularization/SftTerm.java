package dpo.lab.regularization;

import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.ExpectedSft;
import dpo.core.theory.Newton;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
import dpo.core.theory.SmoothFunction;
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
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Two answers of equal probability under the reference. The minimiser of the population loss
 * {@code L_preference + λ L_SFT} solves
 *
 * <pre>  −β (σ(d) − σ(βΔ)) + λ (π − p_SFT) = 0,   Δ = logit π,</pre>
 *
 * with π the probability of the better answer.
 *
 * @param rewardGap d, the reward of the better answer minus that of the other
 * @param beta β, strength of the KL constraint
 * @param weight λ, weight of the SFT term
 * @param target p_SFT, probability of the better answer in D_SFT
 */
@Claim(
        name = "sft-term",
        claim = "L_preference + λ L_SFT keeps the policy near D_SFT",
        source = "NeMo RL's page on DPO theory, L_DPO = L_preference + β L_SFT; derivation for two answers",
        verdict = Verdict.HOLDS_UNDER)
public record SftTerm(
        @Setting(about = "d: reward of the better answer minus that of the other, finite", byDefault = "1")
        double rewardGap,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "λ >= 0: weight of the SFT term", byDefault = "0.1")
        double weight,

        @Setting(
                about = "p_SFT in [0, 1]: probability of the better answer in D_SFT; 0.5 is the reference",
                byDefault = "0.5")
        double target)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;
    private static final double[] REFERENCE = {0.5, 0.5};

    public SftTerm {
        Requirement.holds(Double.isFinite(rewardGap), "reward_gap", "must be finite", rewardGap);
        Requirement.positive("beta", beta);
        Requirement.notNegative("weight", weight);
        Requirement.between("target", target, 0, 1);
    }

    @Override
    public Outcome run() {
        double[] logits = minimum(preference().plus(weight, sft()));
        double probability = better(logits);
        double without = better(minimum(preference()));
        double chosen = better(minimum(onChosenSide()));
        double regret = new RewardObjective(REFERENCE, new double[] {rewardGap, 0}, beta).regret(logits);
        double expected = predicted(weight, target);
        double optimum = LogSpace.sigmoid(rewardGap / beta);
        boolean isNearer = Math.abs(probability - target) <= Math.abs(without - target) + TOLERANCE;
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "probability", "π of the better answer", probability, expected, TOLERANCE),
                                Quantity.near(
                                        "without_sft",
                                        "π of the better answer with λ = 0: σ(d/β)",
                                        without,
                                        optimum,
                                        TOLERANCE),
                                Quantity.near(
                                        "chosen_side",
                                        "π of the better answer with D_SFT = the chosen answers",
                                        chosen,
                                        predicted(weight, LogSpace.sigmoid(rewardGap)),
                                        TOLERANCE),
                                Quantity.near(
                                        "regret",
                                        "J_β(π*_β) − J_β(π), which the SFT term costs",
                                        regret,
                                        beta * LogSpace.bernoulliKl(logit(expected), rewardGap / beta),
                                        TOLERANCE)),
                        isNearer ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        "The SFT term moves the optimum from π = " + Quantity.shown(without) + " to "
                                + Quantity.shown(probability) + ", towards p_SFT = " + Quantity.shown(target)
                                + "; it costs a regret of " + Quantity.shown(regret)
                                + ", so it holds on to D_SFT at the"
                                + " price of the preferences.")
                .with(plot());
    }

    private static double logit(double probability) {
        return Math.log(probability) - Math.log1p(-probability);
    }

    private List<AnswerPair> pairs() {
        return AnswerPair.bradleyTerry(REFERENCE, new double[] {rewardGap, 0});
    }

    private SmoothFunction preference() {
        return new PopulationLoss(new SigmoidLoss(beta, 0), REFERENCE, pairs());
    }

    private SmoothFunction sft() {
        return new ExpectedSft(new SftLoss(SftLoss.Average.SUM), new double[] {target, 1 - target});
    }

    private SmoothFunction onChosenSide() {
        WeightedSum sum = new WeightedSum(List.of(
                new WeightedSum.Term("preference", 1, new SigmoidLoss(beta, 0)),
                new WeightedSum.Term("sft", weight, new SftLoss(SftLoss.Average.SUM))));
        return new PopulationLoss(sum, REFERENCE, pairs());
    }

    private static double[] minimum(SmoothFunction loss) {
        return Newton.minimise(loss, new double[2], 500).point();
    }

    private static double better(double[] logits) {
        return PopulationLoss.policy(logits)[0];
    }

    /** π of the better answer by the equation above; its left side grows with Δ. */
    private double predicted(double lambda, double sftTarget) {
        double largest = 50 + Math.abs(rewardGap) / beta;
        double margin = new BracketingNthOrderBrentSolver(1e-15, 1e-15, 1e-300, 5)
                .solve(
                        1000,
                        each -> beta * (LogSpace.sigmoid(beta * each) - LogSpace.sigmoid(rewardGap))
                                + lambda * (LogSpace.sigmoid(each) - sftTarget),
                        -largest,
                        largest);
        return LogSpace.sigmoid(margin);
    }

    private Plot plot() {
        double[] weights = IntStream.rangeClosed(-30, 20)
                .mapToDouble(i -> Math.pow(10, i / 10.0))
                .toArray();
        return new Plot(
                "sft-term",
                "Probability of the better answer at the minimum of L_preference + λ L_SFT (d = "
                        + Quantity.shown(rewardGap) + ", β = " + Quantity.shown(beta) + ").",
                new PlotAxis("weight λ of the SFT term", PlotScale.LOGARITHMIC),
                new PlotAxis("π of the better answer", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "D_SFT with p_SFT = " + Quantity.shown(target),
                                PlotStyle.MARKS,
                                weights,
                                DoubleStream.of(weights)
                                        .map(each -> better(minimum(preference().plus(each, sft()))))
                                        .toArray()),
                        PlotSeries.of(
                                "equation, p_SFT = " + Quantity.shown(target),
                                PlotStyle.LINE,
                                weights,
                                DoubleStream.of(weights)
                                        .map(each -> predicted(each, target))
                                        .toArray()),
                        PlotSeries.of(
                                "equation, the chosen answers",
                                PlotStyle.DASHED,
                                weights,
                                DoubleStream.of(weights)
                                        .map(each -> predicted(each, LogSpace.sigmoid(rewardGap)))
                                        .toArray())));
    }
}
