package dpo.lab.labels;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
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
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The reward margin R = r_a − r_b at which each objective has its population minimum, {@code min_R P ℓ(R) + (1−P)
 * ℓ(−R)}, for answers a and b of which a is chosen with probability P. Where the minimum determines P, the objective's
 * probability of a preference is the inverse of R(P).
 *
 * @param probability P
 * @param smoothing ε of cDPO, robust DPO and EXO
 * @param beta β
 * @param referenceRatio ρ, the reference's probability of a divided by that of b
 */
@Claim(
        name = "link-table",
        claim = "Every objective of the family has DPO's population minimiser, βΔ = log(P/(1−P))",
        source = "minimise P ℓ(x) + (1−P) ℓ(−x); the link of a composite loss, arXiv:0912.3301",
        verdict = Verdict.FAILS)
public record LinkTable(
        @Setting(about = "P in (0, 1), not ½: probability that the first answer is chosen", byDefault = "0.8808")
        double probability,

        @Setting(about = "ε in (0, 0.5): label smoothing of cdpo, robust and exo_pair", byDefault = "0.1")
        double smoothing,

        @Setting(about = "β > 0 of each objective that has one", byDefault = "0.5")
        double beta,

        @Setting(about = "ρ > 0: π_ref of the first answer divided by that of the second", byDefault = "3")
        double referenceRatio)
        implements Experiment {

    private static final double TOLERANCE = 1e-8;
    private static final int HALVINGS = 60;

    /** Where values and derivatives are compared: a margin of log-ratios away from the kinks of hinge and SLiC-HF. */
    private static final double MARGIN = 0.29;

    private static final double STEP = 1e-4;
    private static final double OF_DIFFERENCES = 1e-6;

    public LinkTable {
        Requirement.holds(
                probability > 1e-6 && probability < 1 - 1e-6 && probability != 0.5,
                "probability",
                "must be in (1e-6, 1 - 1e-6) and not 0.5, where the minimum of hinge is not unique",
                probability);
        Requirement.holds(smoothing > 0 && smoothing < 0.5, "smoothing", "must be in (0, 0.5)", smoothing);
        Requirement.positive("beta", beta);
        Requirement.positive("reference_ratio", referenceRatio);
    }

    @Override
    public Outcome run() {
        TwoAnswers answers = new TwoAnswers(referenceRatio, probability);
        List<Quantity> quantities = new ArrayList<>();
        List<Double> inverted = new ArrayList<>();
        boolean isSame = true;
        for (Link link : Links.all(beta, smoothing)) {
            OptionalDouble reward = link.measured(answers, beta);
            double expected = link.expected(probability);
            quantities.add(quantity(link, reward, expected));
            isSame &= Math.abs(expected - Links.logit(probability)) < TOLERANCE;
            reward.ifPresent(at -> link.loss().probability(at).ifPresent(inverted::add));
        }
        quantities.add(Quantity.near(
                "probabilities",
                "P that each objective which defines it gives to its measured minimiser, in the order above",
                inverted.stream().mapToDouble(Double::doubleValue).toArray(),
                inverted.stream().mapToDouble(each -> probability).toArray(),
                TOLERANCE));
        quantities.add(Quantity.near(
                "robust_largest_probability",
                "P up to which robust has a minimum, by bisection; expected: 1 − ε",
                largestOfRobust(),
                1 - smoothing,
                TOLERANCE));
        quantities.add(derivatives(answers));
        return new Outcome(quantities, isSame ? Verdict.HOLDS : Verdict.FAILS, statement()).with(plot());
    }

    /** IPO is shown by Δ, whose target 1/(2β) its paper gives; the others by their reward margin. */
    private Quantity quantity(Link link, OptionalDouble reward, double expected) {
        boolean isIpo = link.name().equals("ipo");
        double scale = isIpo ? 1 / beta : 1;
        String meaning = isIpo ? "Δ = (2P−1)/(2β)" : "R = " + link.formula();
        if (!Double.isFinite(expected)) {
            return Quantity.ranging(
                    link.name(),
                    meaning + "; none at this P",
                    reward.orElse(Double.POSITIVE_INFINITY),
                    Double.MAX_VALUE,
                    Double.POSITIVE_INFINITY);
        }
        return Quantity.near(link.name(), meaning, scale * reward.orElse(Double.NaN), scale * expected, TOLERANCE);
    }

    /** Minima are found by derivatives alone, so this ties them to the values. */
    private Quantity derivatives(TwoAnswers answers) {
        List<Link> links = Links.all(beta, smoothing);
        return Quantity.near(
                "derivatives",
                "derivative of each expected loss at Δ = 0.29, in the order above; expected: by differences of its values",
                links.stream()
                        .mapToDouble(link -> answers.slope(link.loss(), MARGIN))
                        .toArray(),
                links.stream()
                        .mapToDouble(link -> answers.difference(link.loss(), MARGIN, STEP / Math.max(1, beta)))
                        .toArray(),
                OF_DIFFERENCES);
    }

    private double largestOfRobust() {
        Link robust = Links.robust(beta, smoothing);
        double exists = 0.5;
        double none = 1;
        for (int halving = 0; halving < HALVINGS; halving++) {
            double middle = (exists + none) / 2;
            if (robust.measured(new TwoAnswers(referenceRatio, middle), beta).isPresent()) {
                exists = middle;
            } else {
                none = middle;
            }
        }
        return exists;
    }

    private String statement() {
        String common = "At P = " + Quantity.shown(probability) + " the reward margin of sigmoid is log(P/(1−P)) = "
                + Quantity.shown(Links.logit(probability)) + ", that of hinge is ±1 whatever P is, of ipo P − ½, and";
        double ofRobust = Links.robust(beta, smoothing).expected(probability);
        return common
                + (Double.isFinite(ofRobust)
                        ? " of robust " + Quantity.shown(ofRobust) + "."
                        : " robust has no minimum, because P is not between ε and 1 − ε.");
    }

    private Plot plot() {
        double[] probabilities =
                IntStream.range(0, 50).mapToDouble(i -> (i + 0.5) / 50).toArray();
        List<PlotSeries> series = Links.all(beta, smoothing).stream()
                .filter(link -> List.of("sigmoid", "cdpo", "robust", "hinge", "ipo", "exo_pair")
                        .contains(link.name()))
                .map(link -> PlotSeries.of(
                        link.name(),
                        PlotStyle.LINE,
                        probabilities,
                        IntStream.range(0, probabilities.length)
                                .mapToDouble(i -> link.measured(new TwoAnswers(referenceRatio, probabilities[i]), beta)
                                        .orElse(Double.NaN))
                                .toArray()))
                .toList();
        return new Plot(
                "link-table",
                "Reward margin at the population minimum of several objectives against the probability P of the label"
                        + " (ε = " + Quantity.shown(smoothing) + ").",
                new PlotAxis("probability P that the answer is chosen", PlotScale.LINEAR),
                new PlotAxis("reward margin", PlotScale.LINEAR),
                series);
    }
}
