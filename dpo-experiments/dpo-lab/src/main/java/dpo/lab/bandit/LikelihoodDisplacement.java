package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
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
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Pairs of two different answers of the reference, labels from the Bradley–Terry model. At DPO's optimum the log-ratio
 * of an answer is {@code s(y) = r(y)/β − log E_π_ref[exp(r/β)]}: below 0 for every answer whose reward is lower than
 * {@code β log E_π_ref[exp(r/β)]}, and such answers are chosen too.
 *
 * @param reference π_ref, from which pairs are drawn
 * @param rewards r
 * @param betas the values of β that are compared
 */
@Claim(
        name = "likelihood-displacement",
        claim = "DPO makes chosen answers more likely than they are under the reference",
        source = "effect: arXiv:2410.08847; numbers: log-ratio r/β − log E_π_ref[exp(r/β)] at arXiv:2305.18290, eq. 4",
        verdict = Verdict.FAILS)
public record LikelihoodDisplacement(
        @Setting(about = "π_ref: positive numbers, divided by their sum", byDefault = "[1, 1, 1]")
        List<Double> reference,

        @Setting(about = "r: reward of each answer", byDefault = "[0, 1, 2]")
        List<Double> rewards,

        @Setting(about = "β > 0: the values that are compared", byDefault = "[0.5, 1]")
        List<Double> betas)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    /** A log-ratio above this, negative by rounding, does not count as below the reference. */
    private static final double ROUNDING = -1e-9;

    public LikelihoodDisplacement {
        reference = List.copyOf(reference);
        rewards = List.copyOf(rewards);
        betas = Betas.required(betas);
        new Bandit(reference, rewards);
    }

    @Override
    public Outcome run() {
        Bandit bandit = new Bandit(reference, rewards);
        List<AnswerPair> pairs = AnswerPair.bradleyTerry(bandit.reference(), bandit.rewards());
        List<Displacement> trained =
                betas.stream().map(beta -> trained(bandit, pairs, beta)).toList();
        List<Displacement> expected =
                betas.stream().map(beta -> optimal(bandit, beta)).toList();
        double[] shares = trained.stream().mapToDouble(Displacement::share).toArray();
        double most = DoubleStream.of(shares).max().orElseThrow();
        double[] means = trained.stream().mapToDouble(Displacement::mean).toArray();
        List<Quantity> quantities = List.of(
                Quantity.near(
                        "share_below",
                        "share of pairs whose chosen answer is less likely than under the reference, at each β",
                        shares,
                        expected.stream().mapToDouble(Displacement::share).toArray(),
                        TOLERANCE),
                Quantity.near(
                        "mean_chosen_log_ratio",
                        "E[s_w] of the chosen answers at each β, nats",
                        means,
                        expected.stream().mapToDouble(Displacement::mean).toArray(),
                        TOLERANCE));
        return new Outcome(
                        quantities,
                        most > 0 ? Verdict.FAILS : Verdict.HOLDS,
                        "At DPO's optimum up to " + Quantity.shown(most)
                                + " of the chosen answers are less likely than under the reference; the mean of their"
                                + " log-ratios is " + Quantity.shown(means[0]) + " at β = "
                                + Quantity.shown(betas.get(0)) + ".")
                .with(plot(bandit));
    }

    private record Displacement(double share, double mean) {}

    private static Displacement trained(Bandit bandit, List<AnswerPair> pairs, double beta) {
        double[] reference = bandit.reference();
        double[] policy = PopulationLoss.policy(new PopulationLoss(new SigmoidLoss(beta, 0), reference, pairs)
                .minimum()
                .point());
        double share = 0;
        double mean = 0;
        for (AnswerPair pair : pairs) {
            double logRatio = Math.log(policy[pair.chosen()]) - Math.log(reference[pair.chosen()]);
            share += logRatio < ROUNDING ? pair.probability() : 0;
            mean += pair.probability() * logRatio;
        }
        return new Displacement(share, mean);
    }

    /** The same from the closed form of the log-ratios and the probability with which each answer is the chosen one. */
    private static Displacement optimal(Bandit bandit, double beta) {
        double[] reference = bandit.reference();
        double[] rewards = bandit.rewards();
        double different =
                1 - DoubleStream.of(reference).map(each -> each * each).sum();
        double logZ = LogSpace.logSumExp(IntStream.range(0, rewards.length)
                .mapToDouble(a -> Math.log(reference[a]) + rewards[a] / beta)
                .toArray());
        double share = 0;
        double mean = 0;
        double[] wins = bandit.winRates();
        for (int a = 0; a < rewards.length; a++) {
            // Of two answers drawn from the reference; half of the draws of the same answer twice are taken out.
            double chosen = 2 * reference[a] * (wins[a] - reference[a] / 2) / different;
            double logRatio = rewards[a] / beta - logZ;
            share += logRatio < ROUNDING ? chosen : 0;
            mean += chosen * logRatio;
        }
        return new Displacement(share, mean);
    }

    private Plot plot(Bandit bandit) {
        double[] range = Betas.around(betas);
        List<AnswerPair> pairs = AnswerPair.bradleyTerry(bandit.reference(), bandit.rewards());
        return new Plot(
                "likelihood-displacement",
                "Mean log-ratio of the chosen answers at DPO's optimum against β: below 0 they are on average less"
                        + " likely than under the reference.",
                new PlotAxis("β", PlotScale.LOGARITHMIC),
                new PlotAxis("E[log π(y_w)/π_ref(y_w)], nats", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "closed form",
                                PlotStyle.LINE,
                                range,
                                DoubleStream.of(range)
                                        .map(beta -> optimal(bandit, beta).mean())
                                        .toArray()),
                        PlotSeries.of(
                                "DPO",
                                PlotStyle.MARKS,
                                Betas.map(betas, beta -> beta),
                                Betas.map(betas, beta -> trained(bandit, pairs, beta)
                                        .mean()))));
    }
}
