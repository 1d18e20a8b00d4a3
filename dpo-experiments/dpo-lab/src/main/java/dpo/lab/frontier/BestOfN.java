package dpo.lab.frontier;

import dpo.core.InvalidInputException;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.Bandit;
import dpo.core.theory.KlConstraint;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
import dpo.lab.Answers;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The best of n answers drawn from π_ref. With F(a) the probability that one draw has at most the reward of a, and F⁻(a)
 * that it has a smaller one,
 *
 * <pre>  π_n(a) = (F(a)ⁿ − F⁻(a)ⁿ) π_ref(a) / (F(a) − F⁻(a)),   KL(π_n‖π_ref) &lt;= log n − (n − 1)/n.</pre>
 *
 * @param reference weights of the answers under π_ref
 * @param rewards reward of each answer
 * @param samples n
 */
@Claim(
        name = "best-of-n",
        claim = "The best of n draws from π_ref has KL(π_n‖π_ref) = log n − (n − 1)/n",
        source = "arXiv:2401.01879, theorem 1 (upper bound); arXiv:2009.01325, appendix G.3 (formula)",
        verdict = Verdict.HOLDS_UNDER)
public record BestOfN(
        @Setting(about = "positive weights of the answers under π_ref, divided by their sum", byDefault = "[1, 1, 1]")
        List<Double> reference,

        @Setting(about = "reward of each answer, finite", byDefault = "[0, 1, 2]")
        List<Double> rewards,

        @Setting(about = "n >= 1: number of draws", byDefault = "8")
        int samples)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;
    private static final int MOST_SAMPLES = 100_000;

    public BestOfN {
        reference = List.copyOf(reference);
        rewards = List.copyOf(rewards);
        new Bandit(reference, rewards);
        Requirement.atLeast("samples", samples, 1);
        Requirement.holds(samples <= MOST_SAMPLES, "samples", "must be at most " + MOST_SAMPLES, samples);
    }

    @Override
    public Outcome run() {
        ControlledWorld world = world();
        RewardAndKl found = world.evaluate(policy(world, drawn(samples)));
        double[] formula = formula(samples);
        double kl = new Bandit(reference, rewards).divergence(formula);
        double bound = bound(samples);
        double frontier = frontierReward(world, found.kl());
        boolean isExact = Math.abs(found.kl() - bound) <= TOLERANCE;
        boolean holds = found.kl() <= bound + TOLERANCE;
        return new Outcome(
                        List.of(
                                Quantity.near("kl", "KL(π_n‖π_ref), nats", found.kl(), kl, TOLERANCE),
                                Quantity.of("bound", "log n − (n − 1)/n", bound),
                                Quantity.ranging(
                                        "slack",
                                        "bound − KL, nats",
                                        bound - found.kl(),
                                        -TOLERANCE,
                                        Double.POSITIVE_INFINITY),
                                Quantity.near(
                                        "reward",
                                        "expected reward of π_n",
                                        found.reward(),
                                        Bandit.mean(formula, Answers.array(rewards)),
                                        TOLERANCE),
                                Quantity.ranging(
                                        "frontier_reward",
                                        "expected reward of the optimum of the same KL",
                                        frontier,
                                        found.reward() - TOLERANCE,
                                        Double.POSITIVE_INFINITY)),
                        holds ? (isExact ? Verdict.HOLDS : Verdict.HOLDS_UNDER) : Verdict.FAILS,
                        "With n = " + samples + " the KL is " + Quantity.shown(found.kl())
                                + (isExact ? ", equal to " : ", below the bound ") + Quantity.shown(bound)
                                + "; the bound is reached only if no two draws have equal rewards. The reward is "
                                + Quantity.shown(found.reward()) + ", that of the frontier at this KL "
                                + Quantity.shown(frontier) + ".")
                .with(plot(world));
    }

    private static double bound(int n) {
        return Math.log(n) - (n - 1.0) / n;
    }

    /** One prompt whose answers are single tokens. */
    private ControlledWorld world() {
        double[] logs = reference.stream()
                .mapToDouble(Double::doubleValue)
                .map(Math::log)
                .toArray();
        return new ControlledWorld(new MarkovShape(logs.length, 1, 1), logs, Answers.array(rewards));
    }

    private static MarkovPolicy policy(ControlledWorld world, double[] probabilities) {
        return MarkovPolicy.ofLogits(
                world.shape(), DoubleStream.of(probabilities).map(Math::log).toArray());
    }

    /** The distribution of the best answer, draw by draw: a draw replaces the best so far if its reward is higher. */
    private double[] drawn(int n) {
        double[] prior = Bandit.probabilities("reference", reference);
        double[] best = prior;
        for (int draw = 1; draw < n; draw++) {
            double[] next = new double[prior.length];
            for (int before = 0; before < prior.length; before++) {
                for (int drawn = 0; drawn < prior.length; drawn++) {
                    next[rewards.get(drawn) > rewards.get(before) ? drawn : before] += best[before] * prior[drawn];
                }
            }
            best = next;
        }
        return best;
    }

    private double[] formula(int n) {
        double[] prior = Bandit.probabilities("reference", reference);
        double[] probabilities = new double[prior.length];
        for (int a = 0; a < prior.length; a++) {
            double reward = rewards.get(a);
            double below = massWhere(prior, other -> rewards.get(other) < reward);
            double equal = massWhere(prior, other -> rewards.get(other) == reward);
            probabilities[a] = (Math.pow(below + equal, n) - Math.pow(below, n)) * prior[a] / equal;
        }
        return probabilities;
    }

    private static double massWhere(double[] prior, IntPredicate condition) {
        return IntStream.range(0, prior.length)
                .filter(condition)
                .mapToDouble(a -> prior[a])
                .sum();
    }

    /** The largest reward of a policy of this KL; that of the best answer where it is the limit for β → 0. */
    private double frontierReward(ControlledWorld world, double kl) {
        try {
            double beta = KlConstraint.beta(
                    each -> world.evaluate(world.optimum(each)).kl(), kl);
            return world.evaluate(world.optimum(beta)).reward();
        } catch (InvalidInputException e) {
            return Collections.max(rewards);
        }
    }

    private Plot plot(ControlledWorld world) {
        double[] ns = IntStream.iterate(1, n -> n <= Math.max(64, samples), n -> 2 * n)
                .asDoubleStream()
                .toArray();
        return new Plot(
                "best-of-n",
                "KL of the best of n answers from the reference, and the bound log n − (n − 1)/n. The KL of finitely many"
                        + " answers stops at −log π_ref of the best ones.",
                new PlotAxis("number of draws n", PlotScale.LOGARITHMIC),
                new PlotAxis("KL(π_n‖π_ref), nats", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "best of n",
                                PlotStyle.MARKS,
                                ns,
                                Arrays.stream(ns)
                                        .map(n -> world.evaluate(policy(world, drawn((int) n)))
                                                .kl())
                                        .toArray()),
                        PlotSeries.of(
                                "bound",
                                PlotStyle.DASHED,
                                ns,
                                Arrays.stream(ns).map(n -> bound((int) n)).toArray())));
    }
}
