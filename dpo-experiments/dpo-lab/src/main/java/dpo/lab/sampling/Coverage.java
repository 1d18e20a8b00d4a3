package dpo.lab.sampling;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerFisher;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Hessian;
import dpo.core.theory.Newton;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
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
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Three answers, of which the reference rarely gives the best: {@code π_ref = (ε, (1−ε)/2, (1−ε)/2)}, {@code r = (d, 0,
 * 0)}. With n pairs, n times DPO's expected regret tends to
 *
 * <pre>
 *  tr(Cov_π* I⁻¹)/(2β) = [2 p_1 / (P_12 + 2 P_01 s) + p_0 (1 − p_0) / (2 P_01 s)] / (2β),   s = σ(d) σ(−d),
 * </pre>
 *
 * where p_a are the probabilities of π* and P_ab those of the pairs of two different answers.
 *
 * @param rare ε, probabilities of the best answer under the reference
 * @param rewardGap d, the reward of the best answer; the others have 0
 * @param beta β, strength of the KL constraint
 * @param pairs number of pairs of the simulation, at the first ε
 * @param repetitions number of simulated data sets
 * @param seed seed of the simulation
 */
@Claim(
        name = "coverage",
        claim = "With n pairs from π_ref DPO has as little regret as with n pairs from π*",
        source =
                "derivation: asymptotic normality of the maximum-likelihood rewards, n E[regret] → tr(Cov_π* I⁻¹)/(2β)",
        verdict = Verdict.FAILS)
public record Coverage(
        @Setting(about = "ε in (0, 1): probabilities of the best answer under π_ref", byDefault = "[0.1, 0.01, 0.001]")
        List<Double> rare,

        @Setting(about = "d: reward of the best answer minus that of the two others, finite", byDefault = "6")
        double rewardGap,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "1")
        double beta,

        @Setting(about = "number of pairs of a simulated data set, at least 1", byDefault = "100000")
        int pairs,

        @Setting(about = "number of simulated data sets, at least 2", byDefault = "200")
        int repetitions,

        @Setting(about = "seed of the simulation", byDefault = "0")
        long seed)
        implements Experiment {

    private static final double TOLERANCE = 1e-6;
    private static final int FEWEST_LABELS = 30;

    public Coverage {
        rare = List.copyOf(rare);
        Requirement.holds(
                !rare.isEmpty() && rare.stream().allMatch(each -> each > 0 && each < 1),
                "rare",
                "must hold at least one number, each in (0, 1)",
                rare);
        Requirement.holds(Double.isFinite(rewardGap), "reward_gap", "must be finite", rewardGap);
        Requirement.positive("beta", beta);
        Requirement.atLeast("pairs", pairs, 1);
        Requirement.atLeast("repetitions", repetitions, 2);
    }

    @Override
    public Outcome run() {
        double[] ofReference = measured(true);
        double[] ofOptimum = measured(false);
        double[] predicted = predicted(true);
        Simulation simulation = simulation();
        boolean costs = IntStream.range(0, rare.size()).anyMatch(i -> ofReference[i] > ofOptimum[i] * (1 + 1e-6));
        int last = rare.size() - 1;
        List<Quantity> quantities = new ArrayList<>(List.of(
                Quantity.near(
                        "reference_constant",
                        "limit of n E[regret] with pairs from π_ref, at each ε",
                        ofReference,
                        predicted,
                        TOLERANCE),
                Quantity.near(
                        "optimum_constant",
                        "limit of n E[regret] with pairs from π*, at each ε",
                        ofOptimum,
                        predicted(false),
                        TOLERANCE)));
        if (simulation.separable() < repetitions) {
            quantities.add(simulated(simulation, predicted[0]));
        }
        return new Outcome(
                        quantities,
                        costs ? Verdict.FAILS : Verdict.HOLDS_UNDER,
                        "At ε = " + Quantity.shown(rare.get(last)) + " the regret tends to "
                                + Quantity.shown(ofReference[last])
                                + "/n with pairs from π_ref and " + Quantity.shown(ofOptimum[last])
                                + "/n with pairs from π*: DPO pays for what its pairs do not cover. Of "
                                + repetitions + " simulated data sets " + simulation.separable()
                                + " had no finite minimiser and are left out.")
                .with(plot(ofReference, ofOptimum));
    }

    private Quantity simulated(Simulation simulation, double limit) {
        String meaning = "n times the mean regret of DPO on data sets from π_ref, at the first ε";
        if (pairs * rarest() < FEWEST_LABELS) {
            return Quantity.of(
                    "simulated",
                    meaning + "; no prediction where the rarest label is expected fewer than " + FEWEST_LABELS
                            + " times",
                    simulation.scaledRegret());
        }
        // A quadratic form in normals has a relative standard deviation of at most √2; n is finite.
        double room = 4 * Math.sqrt(2.0 / repetitions) + 10 / (pairs * rarest());
        return Quantity.ranging(
                "simulated",
                meaning + "; within 4 standard errors and 10/(expected number of the rarest label) of the limit",
                simulation.scaledRegret(),
                Math.max(0, limit * (1 - room)),
                limit * (1 + room));
    }

    /** The smallest probability of a judged pair at the first ε. */
    private double rarest() {
        return AnswerPair.bradleyTerry(reference(rare.get(0)), rewards()).stream()
                .mapToDouble(AnswerPair::probability)
                .min()
                .orElseThrow();
    }

    private static double[] reference(double rare) {
        return new double[] {rare, (1 - rare) / 2, (1 - rare) / 2};
    }

    private double[] rewards() {
        return new double[] {rewardGap, 0, 0};
    }

    private RewardObjective objective(double share) {
        return new RewardObjective(reference(share), rewards(), beta);
    }

    /** The constants from the curvature of DPO's population loss: in the logits it is β² I. */
    private double[] measured(boolean fromReference) {
        return rare.stream()
                .mapToDouble(share -> {
                    double[] logits = objective(share).optimum();
                    double[] optimum = PopulationLoss.policy(logits);
                    double[][] curvature = Hessian.at(loss(share, fromReference ? reference(share) : optimum), logits);
                    // In the logits the curvature is β² I; the constant is proportional to 1/I.
                    return beta * beta * AnswerFisher.regretConstant(optimum, curvature, beta);
                })
                .toArray();
    }

    private PopulationLoss loss(double share, double[] sampling) {
        return new PopulationLoss(
                new SigmoidLoss(beta, 0), reference(share), AnswerPair.bradleyTerry(sampling, rewards()));
    }

    /** The constants by the closed form. */
    private double[] predicted(boolean fromReference) {
        double labels = LogSpace.sigmoid(rewardGap) * LogSpace.sigmoid(-rewardGap);
        return rare.stream()
                .mapToDouble(share -> {
                    double best = LogSpace.sigmoid(Math.log(share) - Math.log1p(-share) + rewardGap / beta);
                    double sampled = fromReference ? share : best;
                    double other = (1 - sampled) / 2;
                    double different = 2 * other * other + 4 * other * sampled;
                    double ofOthers = 2 * other * other / different;
                    double ofBest = 2 * other * sampled / different * labels;
                    return ((1 - best) / (ofOthers + 2 * ofBest) + best * (1 - best) / (2 * ofBest)) / (2 * beta);
                })
                .toArray();
    }

    private record Simulation(double scaledRegret, int separable) {}

    /** DPO on data sets of pairs from the reference, by maximum likelihood. */
    private Simulation simulation() {
        double share = rare.get(0);
        RandomGenerator random = new RandomStreams(seed).stream("lab.coverage");
        List<AnswerPair> all = AnswerPair.bradleyTerry(reference(share), rewards());
        double sum = 0;
        int finite = 0;
        for (int i = 0; i < repetitions; i++) {
            List<AnswerPair> drawn = drawn(all, random);
            if (hasMinimum(drawn)) {
                Newton.Minimum found = new PopulationLoss(new SigmoidLoss(beta, 0), reference(share), drawn).minimum();
                sum += objective(share).regret(found.point());
                finite++;
            }
        }
        return new Simulation(pairs * sum / finite, repetitions - finite);
    }

    /** Whether each of the three answers wins and loses a pair: the condition for a finite minimiser. */
    private static boolean hasMinimum(List<AnswerPair> drawn) {
        return IntStream.range(0, 3)
                .allMatch(answer -> drawn.stream().anyMatch(pair -> pair.chosen() == answer && pair.probability() > 0)
                        && drawn.stream().anyMatch(pair -> pair.rejected() == answer && pair.probability() > 0));
    }

    /** How often each judged pair occurs in a data set. */
    private List<AnswerPair> drawn(List<AnswerPair> all, RandomGenerator random) {
        int[] counts = new int[all.size()];
        for (int i = 0; i < pairs; i++) {
            double uniform = random.nextDouble();
            int index = 0;
            while (index < counts.length - 1 && uniform >= all.get(index).probability()) {
                uniform -= all.get(index++).probability();
            }
            counts[index]++;
        }
        return IntStream.range(0, counts.length)
                .mapToObj(i -> new AnswerPair(all.get(i).chosen(), all.get(i).rejected(), counts[i]))
                .toList();
    }

    private Plot plot(double[] ofReference, double[] ofOptimum) {
        double[] shares = rare.stream().mapToDouble(Double::doubleValue).toArray();
        return new Plot(
                "coverage",
                "Limit of n times the expected regret of DPO with n pairs, against the reference's probability ε of the"
                        + " best answer.",
                new PlotAxis("ε", PlotScale.LOGARITHMIC),
                new PlotAxis("n E[regret]", PlotScale.LOGARITHMIC),
                List.of(
                        PlotSeries.of("pairs from π_ref", PlotStyle.MARKS, shares, ofReference),
                        PlotSeries.of("pairs from π*", PlotStyle.MARKS, shares, ofOptimum),
                        PlotSeries.of("closed form, π_ref", PlotStyle.DASHED, shares, predicted(true)),
                        PlotSeries.of("closed form, π*", PlotStyle.DASHED, shares, predicted(false))));
    }
}
