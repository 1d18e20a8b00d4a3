package dpo.lab.frontier;

import dpo.core.InvalidInputException;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.core.theory.KlConstraint;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.core.world.MarkovShape;
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
import dpo.train.Frontier;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/**
 * Random policies in a controlled world. Since {@code E_π[r] − β KL(π‖π_ref) = β log Z − β KL(π‖π*_β)},
 *
 * <pre>
 *  J_β(π*_β) − J_β(π)             = β KL(π‖π*_β)               for every β
 *  E_{π*_κ}[r] − E_π[r]           = β_κ KL(π‖π*_κ)             where KL(π*_κ‖π_ref) = KL(π‖π_ref)
 * </pre>
 *
 * The second is the gap to the frontier, {@code world/gap}.
 *
 * @param vocabulary number of tokens of the world, the end token included
 * @param length largest number of tokens of a completion
 * @param prompts number of prompts
 * @param sharpness standard deviation of the reference's logits
 * @param rewardScale standard deviation of the rewards of transitions
 * @param beta β of the regret
 * @param policies number of random policies
 * @param spread standard deviation of what is added to the reference's logits
 * @param seed seed of world and policies
 */
@Claim(
        name = "regret-identity",
        claim = "J_β(π*_β) − J_β(π) = β KL(π‖π*_β), and the gap to the frontier at π's own KL is β_κ KL(π‖π*_κ)",
        source = "arXiv:2305.18290, appendix A.1: E_π[r] − β KL(π‖π_ref) = β log Z − β KL(π‖π*_β)",
        verdict = Verdict.HOLDS)
public record RegretIdentity(
        @Setting(about = "number of tokens of the world, the end token included, at least 2", byDefault = "8")
        int vocabulary,

        @Setting(about = "largest number of tokens of a completion, at least 1", byDefault = "8")
        int length,

        @Setting(about = "number of prompts, at least 1", byDefault = "4")
        int prompts,

        @Setting(about = "standard deviation of the reference's logits, at least 0", byDefault = "1.0")
        double sharpness,

        @Setting(about = "standard deviation of the rewards of transitions, > 0", byDefault = "1.0")
        double rewardScale,

        @Setting(about = "β > 0: strength of the KL constraint in J_β", byDefault = "0.5")
        double beta,

        @Setting(about = "number of random policies, at least 1", byDefault = "20")
        int policies,

        @Setting(about = "standard deviation of the noise on the reference's logits, > 0", byDefault = "0.7")
        double spread,

        @Setting(about = "seed of world and policies", byDefault = "0")
        long seed)
        implements Experiment {

    private static final double TOLERANCE = 1e-10;

    public RegretIdentity {
        new MarkovShape(vocabulary, length, prompts);
        Requirement.notNegative("sharpness", sharpness);
        Requirement.positive("reward_scale", rewardScale);
        Requirement.positive("beta", beta);
        Requirement.atLeast("policies", policies, 1);
        Requirement.positive("spread", spread);
    }

    /** One policy: both sides of both identities, and its place in the reward–KL plane. */
    private record Sides(double regret, double divergence, double gap, double atOwnKl, RewardAndKl point) {}

    @Override
    public Outcome run() {
        ControlledWorld world =
                ControlledWorld.random(new MarkovShape(vocabulary, length, prompts), sharpness, rewardScale, seed);
        RandomGenerator random = new RandomStreams(seed).stream("lab.policies");
        List<Sides> all = new ArrayList<>();
        for (int i = 0; i < policies; i++) {
            double[] logits = world.referenceLogits();
            for (int entry = 0; entry < logits.length; entry++) {
                logits[entry] += spread * random.nextGaussian();
            }
            all.add(sides(world, MarkovPolicy.ofLogits(world.shape(), logits)));
        }
        Quantity regret = Quantity.near(
                "regret",
                "J_β(π*_β) − J_β(π) of each policy; expected β KL(π‖π*_β)",
                all.stream().mapToDouble(Sides::regret).toArray(),
                all.stream().mapToDouble(Sides::divergence).toArray(),
                TOLERANCE);
        Quantity gap = Quantity.near(
                "gap",
                "world/gap of each policy; expected β_κ KL(π‖π*_κ) at the β_κ whose optimum has the KL of π",
                all.stream().mapToDouble(Sides::gap).toArray(),
                all.stream().mapToDouble(Sides::atOwnKl).toArray(),
                TOLERANCE);
        boolean holds = regret.agrees() && gap.agrees();
        return new Outcome(List.of(regret, gap), holds ? Verdict.HOLDS : Verdict.FAILS, statement(holds, all))
                .with(plot(world, all));
    }

    private Sides sides(ControlledWorld world, MarkovPolicy policy) {
        RewardAndKl point = world.evaluate(policy);
        RewardAndKl best = world.evaluate(world.optimum(beta));
        double regret = best.reward() - beta * best.kl() - (point.reward() - beta * point.kl());
        double ownBeta = betaOf(world, point.kl());
        return new Sides(
                regret,
                beta * divergence(world, policy, beta),
                Frontier.metrics(world.evaluation(policy), OptionalDouble.empty())
                        .getOrDefault("world/gap", Double.NaN),
                ownBeta * divergence(world, policy, ownBeta),
                point);
    }

    private double betaOf(ControlledWorld world, double kl) {
        try {
            return KlConstraint.beta(each -> world.evaluate(world.optimum(each)).kl(), kl);
        } catch (InvalidInputException e) {
            throw new SettingException(
                    "spread",
                    "must be so small that every policy has the KL of some optimum (a policy has " + kl + ")",
                    spread,
                    "reward_scale");
        }
    }

    /** KL(π‖π*_β): the divergence from the reference of a world whose reference is the optimum. */
    private static double divergence(ControlledWorld world, MarkovPolicy policy, double beta) {
        MarkovShape shape = world.shape();
        MarkovPolicy optimum = world.optimum(beta);
        double[] logits = new double[shape.entries()];
        for (int entry = 0; entry < logits.length; entry++) {
            logits[entry] = optimum.logProb(entry);
        }
        return new ControlledWorld(shape, logits, new double[shape.entries()])
                .evaluate(policy)
                .kl();
    }

    private String statement(boolean holds, List<Sides> all) {
        double largest = all.stream()
                .mapToDouble(each ->
                        Math.max(Math.abs(each.regret() - each.divergence()), Math.abs(each.gap() - each.atOwnKl())))
                .max()
                .orElse(Double.NaN);
        return "Both identities " + (holds ? "hold" : "do not hold") + " for " + policies
                + " random policies: the two sides differ by at most " + Quantity.shown(largest) + ".";
    }

    private static Plot plot(ControlledWorld world, List<Sides> all) {
        MarkovPolicy reference = world.reference();
        double most = all.stream().mapToDouble(each -> each.point().kl()).max().orElse(0);
        List<Frontier.Point> frontier = Frontier.points(world.evaluation(reference)).stream()
                .filter(point -> point.optimum().kl() <= 1.2 * most)
                .toList();
        return new Plot(
                "regret-identity",
                "Random policies below the frontier of expected reward against KL. The vertical distance of each is"
                        + " β_κ KL(π‖π*_κ).",
                new PlotAxis("KL(π‖π_ref), nats", PlotScale.SQUARE_ROOT),
                new PlotAxis("expected reward", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "frontier",
                                PlotStyle.LINE,
                                frontier.stream()
                                        .mapToDouble(point -> point.optimum().kl())
                                        .toArray(),
                                frontier.stream()
                                        .mapToDouble(point -> point.optimum().reward())
                                        .toArray()),
                        PlotSeries.of(
                                "random policies",
                                PlotStyle.MARKS,
                                all.stream()
                                        .mapToDouble(each -> each.point().kl())
                                        .toArray(),
                                all.stream()
                                        .mapToDouble(each -> each.point().reward())
                                        .toArray()),
                        PlotSeries.of(
                                "reward plus β_κ KL(π‖π*_κ)",
                                PlotStyle.MARKS,
                                all.stream()
                                        .mapToDouble(each -> each.point().kl())
                                        .toArray(),
                                all.stream()
                                        .mapToDouble(each -> each.point().reward() + each.atOwnKl())
                                        .toArray())));
    }
}
