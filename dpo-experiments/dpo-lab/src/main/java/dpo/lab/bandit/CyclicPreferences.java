package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
import dpo.core.theory.Newton;
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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Preferences in a circle: answer 0 is preferred to 1, 1 to 2, …, the last to 0, each with probability P. No rewards
 * explain them. By symmetry the best rewards are equal, so DPO's optimum is the reference at every β, with the loss log
 * 2 of a coin, above the entropy {@code −P log P − (1−P) log(1−P)} that the labels allow.
 *
 * @param reference π_ref; its number of answers is the length of the circle
 * @param probability P
 * @param betas the values of β that are compared
 */
@Claim(
        name = "cyclic-preferences",
        claim = "DPO is a consistent estimator of preferences: its loss reaches the entropy of the labels",
        source = "NeMo RL's page on DPO theory, step 1 of the proof sketch; the circle is symmetric, so r is constant",
        verdict = Verdict.FAILS)
public record CyclicPreferences(
        @Setting(about = "π_ref: positive numbers, divided by their sum; at least three", byDefault = "[0.5, 0.3, 0.2]")
        List<Double> reference,

        @Setting(about = "P in (0, 1): probability that an answer is preferred to the next", byDefault = "0.8")
        double probability,

        @Setting(about = "β > 0: the values that are compared", byDefault = "[0.1, 0.5, 2]")
        List<Double> betas)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    public CyclicPreferences {
        reference = List.copyOf(reference);
        betas = Betas.required(betas);
        Bandit.probabilities("reference", reference);
        Requirement.holds(reference.size() >= 3, "reference", "must hold at least three probabilities", reference);
        Requirement.holds(probability > 0 && probability < 1, "probability", "must be in (0, 1)", probability);
    }

    @Override
    public Outcome run() {
        double[] normalised = Bandit.probabilities("reference", reference);
        List<Newton.Minimum> minima =
                betas.stream().map(beta -> minimum(beta, probability)).toList();
        double[] policies = minima.stream()
                .flatMapToDouble(minimum -> DoubleStream.of(PopulationLoss.policy(minimum.point())))
                .toArray();
        double[] losses = minima.stream().mapToDouble(Newton.Minimum::value).toArray();
        double entropy = leastLoss();
        double excess = DoubleStream.of(losses).max().orElseThrow() - entropy;
        List<Quantity> quantities = List.of(
                Quantity.near(
                        "policy",
                        "probabilities of DPO's policy, at one β after the other; expected: those of the reference",
                        policies,
                        betas.stream()
                                .flatMapToDouble(beta -> DoubleStream.of(normalised))
                                .toArray(),
                        TOLERANCE),
                Quantity.near(
                        "loss",
                        "loss per pair at DPO's optimum for each β; expected: log 2",
                        losses,
                        Betas.map(betas, beta -> Math.log(2)),
                        TOLERANCE),
                Quantity.near(
                        "label_entropy",
                        "least loss of a margin for each pair by itself; expected: −P log P − (1−P) log(1−P)",
                        entropy,
                        entropy(probability),
                        TOLERANCE));
        boolean fits = excess < TOLERANCE;
        return new Outcome(
                        quantities,
                        fits ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        fits
                                ? "The loss reaches the entropy of the labels because P = ½ is no preference."
                                : "Counterexample: preferences in a circle leave the policy at the reference, with the"
                                        + " loss log 2 = " + Quantity.shown(Math.log(2)) + " where the entropy of the"
                                        + " labels is " + Quantity.shown(entropy) + ".")
                .with(plot());
    }

    /** The minimum, searched from another policy than the reference. */
    private Newton.Minimum minimum(double beta, double p) {
        int answers = reference.size();
        List<AnswerPair> pairs = new ArrayList<>();
        for (int a = 0; a < answers; a++) {
            int next = (a + 1) % answers;
            pairs.add(new AnswerPair(a, next, p));
            pairs.add(new AnswerPair(next, a, 1 - p));
        }
        double[] start =
                IntStream.range(0, answers).mapToDouble(a -> 1.0 / (1 + a)).toArray();
        double[] normalised = Bandit.probabilities("reference", reference);
        return Newton.minimise(new PopulationLoss(new SigmoidLoss(beta, 0), normalised, pairs), start, 500);
    }

    /** The least loss of one pair alone. */
    private double leastLoss() {
        List<AnswerPair> pair = List.of(new AnswerPair(0, 1, probability), new AnswerPair(1, 0, 1 - probability));
        return new PopulationLoss(new SigmoidLoss(betas.get(0), 0), new double[] {0.5, 0.5}, pair)
                .minimum()
                .value();
    }

    private static double entropy(double p) {
        return -p * Math.log(p) - (1 - p) * Math.log1p(-p);
    }

    private Plot plot() {
        double[] probabilities =
                IntStream.rangeClosed(1, 49).mapToDouble(i -> i / 50.0).toArray();
        return new Plot(
                "cyclic-preferences",
                "Loss of DPO's optimum on preferences in a circle, and the entropy of the labels, against the"
                        + " probability that an answer is preferred to the next.",
                new PlotAxis("P", PlotScale.LINEAR),
                new PlotAxis("nats per pair", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "DPO's optimum",
                                PlotStyle.LINE,
                                probabilities,
                                DoubleStream.of(probabilities)
                                        .map(p -> minimum(betas.get(0), p).value())
                                        .toArray()),
                        PlotSeries.of(
                                "entropy of the labels",
                                PlotStyle.DASHED,
                                probabilities,
                                DoubleStream.of(probabilities)
                                        .map(CyclicPreferences::entropy)
                                        .toArray())));
    }
}
