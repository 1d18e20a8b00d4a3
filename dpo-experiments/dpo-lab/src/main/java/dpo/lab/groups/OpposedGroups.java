package dpo.lab.groups;

import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Minimax;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Two answers that two preference sources judge by different rewards, with reward differences d_1 and d_2. In the reward
 * margin δ = βΔ:
 *
 * <pre>
 *  weighted DPO                δ = logit(w σ(d_1) + (1 − w) σ(d_2))       not w d_1 + (1 − w) d_2
 *  minimax of the two losses   δ = 0 (the reference) if d_1 d_2 &lt;= 0, else the d of smaller size
 *  minimax of the two regrets  KL(π‖π*_1) = KL(π‖π*_2)
 * </pre>
 *
 * @param weight w, weight of the first source
 * @param firstGap d_1
 * @param secondGap d_2
 * @param referenceRatio ρ, the reference's probability of the second answer divided by that of the first
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "opposed-groups",
        claim =
                "Σ_g w_g L_g over sources is DPO for the mean of their rewards, and the minimax of L_g protects the worst",
        source =
                "NeMo RL's page on DPO theory, L_group = Σ_i w_i L^i; arXiv:2405.20304 (minimax); derivation for a pair",
        verdict = Verdict.FAILS)
public record OpposedGroups(
        @Setting(about = "w in [0, 1]: weight of the first source", byDefault = "0.7")
        double weight,

        @Setting(about = "d_1: reward difference of the two answers for the first source, finite", byDefault = "2")
        double firstGap,

        @Setting(about = "d_2: reward difference of the two answers for the second source, finite", byDefault = "-1")
        double secondGap,

        @Setting(about = "ρ > 0: π_ref of the second answer divided by π_ref of the first", byDefault = "2")
        double referenceRatio,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.5")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    /** Share of the pairs that are of the first source: the weights of sources make the minimum independent of it. */
    private static final double SHARE_OF_FIRST = 0.8;

    /** The regret changes up to some hundred times as much as the margin. */
    private static final double REGRET_TOLERANCE = 1e-7;

    public OpposedGroups {
        Requirement.between("weight", weight, 0, 1);
        Requirement.holds(Double.isFinite(firstGap), "first_gap", "must be finite", firstGap);
        Requirement.holds(Double.isFinite(secondGap), "second_gap", "must be finite", secondGap);
        Requirement.positive("reference_ratio", referenceRatio);
        Requirement.positive("beta", beta);
    }

    @Override
    public Outcome run() {
        double weighted = margin(weightedLoss(weight).minimum().point());
        double ofLosses = margin(
                Minimax.minimise(loss(firstGap), loss(secondGap), start()).point());
        double ofRegrets = margin(
                Minimax.minimise(regret(firstGap), regret(secondGap), start()).point());
        double[] margins = {weighted, ofLosses, ofRegrets};
        double[] expected = {
            weightedMargin(weight), firstGap * secondGap <= 0 ? 0 : smaller(), regretMargin(),
        };
        double mean = weight * firstGap + (1 - weight) * secondGap;
        boolean isMean = Math.abs(weighted - mean) <= TOLERANCE * Math.max(1, Math.abs(mean));
        double[] worst = DoubleStream.of(margins).map(this::worstRegret).toArray();
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "weighted_margin",
                                        "βΔ at the minimum of w L_1 + (1 − w) L_2",
                                        weighted,
                                        expected[0],
                                        TOLERANCE),
                                Quantity.near(
                                        "minimax_loss_margin",
                                        "βΔ at the minimum of max(L_1, L_2)",
                                        ofLosses,
                                        expected[1],
                                        TOLERANCE),
                                Quantity.near(
                                        "minimax_regret_margin",
                                        "βΔ at the minimum of the larger regret",
                                        ofRegrets,
                                        expected[2],
                                        TOLERANCE),
                                Quantity.near(
                                        "worst_regret",
                                        "the larger of the two regrets at these three",
                                        worst,
                                        DoubleStream.of(expected)
                                                .map(this::predictedRegret)
                                                .toArray(),
                                        REGRET_TOLERANCE)),
                        isMean ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        "Weighted DPO gives the reward margin " + Quantity.shown(weighted)
                                + ", the mean of the rewards is " + Quantity.shown(mean)
                                + (isMean ? " (equal only in special cases)" : "")
                                + ". The larger regret is " + Quantity.shown(worst[1])
                                + " at the minimax of the losses, where βΔ = " + Quantity.shown(ofLosses) + ", and "
                                + Quantity.shown(worst[2]) + " at the minimax of the regrets, where βΔ = "
                                + Quantity.shown(ofRegrets) + ".")
                .with(plot());
    }

    private double[] reference() {
        return new double[] {1 / (1 + referenceRatio), referenceRatio / (1 + referenceRatio)};
    }

    private double[] start() {
        return new double[] {0, Math.log(referenceRatio)};
    }

    /** The reward margin βΔ of a policy. */
    private double margin(double[] logits) {
        return beta * (logits[0] - logits[1] + Math.log(referenceRatio));
    }

    private double[] logits(double margin) {
        return new double[] {margin / beta, Math.log(referenceRatio)};
    }

    private static List<AnswerPair> pairs(double gap) {
        return AnswerPair.bradleyTerry(new double[] {0.5, 0.5}, new double[] {gap, 0});
    }

    private PopulationLoss loss(double gap) {
        return new PopulationLoss(new SigmoidLoss(beta, 0), reference(), pairs(gap));
    }

    private PopulationLoss weightedLoss(double ofFirst) {
        List<AnswerPair> all = new ArrayList<>();
        pairs(firstGap).forEach(pair -> all.add(pair.of("first", SHARE_OF_FIRST)));
        pairs(secondGap).forEach(pair -> all.add(pair.of("second", 1 - SHARE_OF_FIRST)));
        GroupWeights weights = new GroupWeights.Own(Map.of("first", ofFirst, "second", 1 - ofFirst));
        return new PopulationLoss(new GroupWeighted(new SigmoidLoss(beta, 0), weights), reference(), all);
    }

    private SmoothFunction regret(double gap) {
        return new RewardObjective(reference(), new double[] {gap, 0}, beta).regret();
    }

    private double worstRegret(double margin) {
        double[] logits = logits(margin);
        return Math.max(
                regret(firstGap).at(logits).value(),
                regret(secondGap).at(logits).value());
    }

    private double weightedMargin(double ofFirst) {
        double first = LogSpace.sigmoid(firstGap);
        double second = LogSpace.sigmoid(secondGap);
        double chosen = ofFirst * first + (1 - ofFirst) * second;
        return Math.log(chosen) - Math.log1p(-chosen);
    }

    private double smaller() {
        return Math.abs(firstGap) < Math.abs(secondGap) ? firstGap : secondGap;
    }

    /** The logit of the first answer at a reward margin. */
    private double logit(double margin) {
        return margin / beta - Math.log(referenceRatio);
    }

    /** KL(π‖π*_1) = KL(π‖π*_2) is linear in π: both optima have the same mean log-probability under π. */
    private double regretMargin() {
        if (firstGap == secondGap) {
            return firstGap;
        }
        double x = logit(firstGap);
        double y = logit(secondGap);
        double ofSecondAnswer = LogSpace.logSigmoid(-x) - LogSpace.logSigmoid(-y);
        double ofFirstAnswer = LogSpace.logSigmoid(y) - LogSpace.logSigmoid(x);
        return beta * (Math.log(ofSecondAnswer / ofFirstAnswer) + Math.log(referenceRatio));
    }

    private double predictedRegret(double margin) {
        return beta
                * Math.max(
                        LogSpace.bernoulliKl(logit(margin), logit(firstGap)),
                        LogSpace.bernoulliKl(logit(margin), logit(secondGap)));
    }

    private Plot plot() {
        double low = Math.min(0, Math.min(firstGap, secondGap)) - 0.5;
        double high = Math.max(0, Math.max(firstGap, secondGap)) + 0.5;
        double[] margins = IntStream.rangeClosed(0, 100)
                .mapToDouble(i -> low + (high - low) * i / 100)
                .toArray();
        double[] chosen = {weightedMargin(weight), firstGap * secondGap <= 0 ? 0 : smaller(), regretMargin()};
        List<PlotSeries> series = new ArrayList<>(List.of(
                curve("regret of the first source", margins, firstGap),
                curve("regret of the second source", margins, secondGap)));
        List<String> names = List.of("weighted DPO", "minimax of the losses", "minimax of the regrets");
        for (int i = 0; i < chosen.length; i++) {
            series.add(PlotSeries.of(
                    names.get(i), PlotStyle.MARKS, new double[] {chosen[i]}, new double[] {predictedRegret(chosen[i])
                    }));
        }
        return new Plot(
                "opposed-groups",
                "Regret of two sources that disagree (d_1 = " + Quantity.shown(firstGap) + ", d_2 = "
                        + Quantity.shown(secondGap)
                        + ") against the reward margin of the policy. The marks are the larger"
                        + " regret of three policies.",
                new PlotAxis("reward margin βΔ", PlotScale.LINEAR),
                new PlotAxis("regret", PlotScale.LINEAR),
                series);
    }

    private PlotSeries curve(String label, double[] margins, double gap) {
        return PlotSeries.of(
                label,
                PlotStyle.LINE,
                margins,
                DoubleStream.of(margins)
                        .map(margin -> regret(gap).at(logits(margin)).value())
                        .toArray());
    }
}
