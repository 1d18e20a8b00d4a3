package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Hessian;
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
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/**
 * Two answers, n judged pairs, labels from the Bradley–Terry model with {@code P(a ≻ b) = s = σ(d)}. If a is chosen k
 * times, DPO's margin is {@code log(k/(n−k))/β}, which is finite for {@code 0 < k < n}. The regret is {@code J(π*) −
 * J(π) = β KL(π‖π*)}, and
 *
 * <pre>  n E[regret] = n Σ_{0<k<n} Binomial(k; n, s) β KL(π_k‖π*)  →  p(1−p) / (2β s(1−s)),   p = π*(a),</pre>
 *
 * because the reward margin has the variance {@code 1/(n s(1−s))} and the regret the curvature {@code p(1−p)/β}.
 *
 * @param referenceRatio ρ, the reference's probability of a divided by that of b
 * @param rewardGap d, the reward of a minus that of b
 * @param beta β
 * @param pairs n
 */
@Claim(
        name = "sample-complexity",
        claim = "DPO is sample-efficient: its regret falls as 1/n, n E[regret] → p(1−p) / (2β s(1−s))",
        source = "NeMo RL's page on DPO theory, sample efficiency; the limit is that of maximum likelihood",
        verdict = Verdict.HOLDS)
public record SampleComplexity(
        @Setting(about = "ρ > 0: π_ref of answer a divided by π_ref of answer b", byDefault = "0.1")
        double referenceRatio,

        @Setting(about = "d in [-10, 10]: reward of a minus reward of b", byDefault = "2")
        double rewardGap,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.5")
        double beta,

        @Setting(about = "n from 2 to 1,000,000: number of judged pairs", byDefault = "1000")
        int pairs)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    /** Numbers of pairs at the start of the figure, and the growth from one to the next. */
    private static final int LEAST_SHOWN = 10;

    private static final int GROWTH = 2;

    /** Where k is less likely than e^-60 the policy is not trained: the regret is bounded, so the sum is the same. */
    private static final double NEGLIGIBLE = -60;

    public SampleComplexity {
        Requirement.positive("reference_ratio", referenceRatio);
        Requirement.between("reward_gap", rewardGap, -10, 10);
        Requirement.positive("beta", beta);
        Requirement.holds(pairs >= 2 && pairs <= 1_000_000, "pairs", "must be from 2 to 1000000", pairs);
    }

    @Override
    public Outcome run() {
        double scaled = scaledRegret(pairs, k -> trainedMargin(k, pairs - k), NEGLIGIBLE);
        double expected = exact(pairs);
        double limit = asymptoticRegret();
        double s = LogSpace.sigmoid(rewardGap);
        double p = LogSpace.sigmoid(optimalLogit());
        double expectedLimit = p * LogSpace.sigmoid(-optimalLogit()) / (2 * beta * s * LogSpace.sigmoid(-rewardGap));
        double miss = Math.abs(expected - expectedLimit);
        boolean approaches = Math.abs(exact(4 * pairs) - expectedLimit) < miss || miss < TOLERANCE;
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "scaled_regret",
                                        "n E[regret], policies by minimising the loss; expected: by their closed form",
                                        scaled,
                                        expected,
                                        TOLERANCE),
                                Quantity.near(
                                        "limit",
                                        "β p(1−p) / (2 L″(Δ)) at the minimum; expected: p(1−p) / (2β s(1−s))",
                                        limit,
                                        expectedLimit,
                                        1e-8)),
                        approaches ? Verdict.HOLDS : Verdict.HOLDS_UNDER,
                        "With " + pairs + " pairs n E[regret] is " + Quantity.shown(scaled) + ", "
                                + (approaches ? "and tends to " : "still too few pairs for the limit ")
                                + Quantity.shown(expectedLimit) + ".")
                .with(plot(expectedLimit));
    }

    private double optimalLogit() {
        return Math.log(referenceRatio) + rewardGap / beta;
    }

    /** {@code n E[regret]} by the closed form of the margin, over all k. */
    private double exact(int n) {
        return scaledRegret(n, k -> Math.log((double) k / (n - k)) / beta, Double.NEGATIVE_INFINITY);
    }

    /** {@code n Σ_k Binomial(k; n, s) β KL(π_k‖π*)} for margins Δ_k, without terms of a smaller log-probability. */
    private double scaledRegret(int n, IntToDoubleFunction margin, double leastLogProbability) {
        BinomialDistribution wins = new BinomialDistribution(n, LogSpace.sigmoid(rewardGap));
        double logRatio = Math.log(referenceRatio);
        double sum = 0;
        for (int k = 1; k < n; k++) {
            double logProbability = wins.logProbability(k);
            if (logProbability >= leastLogProbability) {
                double regret = beta * LogSpace.bernoulliKl(logRatio + margin.applyAsDouble(k), optimalLogit());
                sum += Math.exp(logProbability) * regret;
            }
        }
        return n * sum;
    }

    /** Δ of DPO's minimum on pairs of which a has won some and lost the others. */
    private double trainedMargin(double won, double lost) {
        double[] logits = loss(won, lost).minimum().point();
        return logits[0] - logits[1] - Math.log(referenceRatio);
    }

    private PopulationLoss loss(double won, double lost) {
        double[] reference = {referenceRatio / (1 + referenceRatio), 1 / (1 + referenceRatio)};
        List<AnswerPair> judged = List.of(new AnswerPair(0, 1, won), new AnswerPair(1, 0, lost));
        return new PopulationLoss(new SigmoidLoss(beta, 0), reference, judged);
    }

    /** Half the curvature of the regret times the variance of the margin, at the minimum of the population loss. */
    private double asymptoticRegret() {
        PopulationLoss population = loss(LogSpace.sigmoid(rewardGap), LogSpace.sigmoid(-rewardGap));
        double[] logits = population.minimum().point();
        // The loss is a likelihood, so the variance of n^½ (Δ̂ − Δ) is 1 / L″.
        double curvature = Hessian.at(population, logits)[0][0];
        double logit = logits[0] - logits[1];
        return beta * LogSpace.sigmoid(logit) * LogSpace.sigmoid(-logit) / (2 * curvature);
    }

    private Plot plot(double limit) {
        int[] numbers = IntStream.iterate(LEAST_SHOWN, n -> n <= Math.max(pairs, 1000), n -> GROWTH * n)
                .toArray();
        double[] n = IntStream.of(numbers).mapToDouble(each -> each).toArray();
        return new Plot(
                "sample-complexity",
                "Expected regret of DPO times the number of pairs, against the number of pairs, and its limit.",
                new PlotAxis("pairs n", PlotScale.LOGARITHMIC),
                new PlotAxis("n E[regret]", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "exact",
                                PlotStyle.MARKS,
                                n,
                                IntStream.of(numbers).mapToDouble(this::exact).toArray()),
                        PlotSeries.of(
                                "limit",
                                PlotStyle.DASHED,
                                n,
                                IntStream.of(numbers).mapToDouble(each -> limit).toArray())));
    }
}
