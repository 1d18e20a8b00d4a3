package dpo.lab.bandit;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.loss.Reduction;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
import dpo.core.theory.PopulationLoss;
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
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * IPO and the frontier of reward at the same KL divergence. On pairs drawn from the reference, with labels from the
 * Bradley–Terry model, IPO's population loss has its minimum at
 *
 * <pre>  π ∝ π_ref exp(q/τ),   q(y) = E_{y′∼π_ref} P(y ≻ y′),</pre>
 *
 * the policy with the largest win rate E_π[q] against the reference at its KL. The frontier π_ref exp(r/β) has the
 * largest reward at its KL, and a lower win rate.
 *
 * @param reference π_ref
 * @param rewards r
 * @param kl KL(π‖π_ref) of both policies, nats
 */
@Claim(
        name = "ipo-win-rate",
        claim = "IPO maximises the win rate against the reference at its KL, not the reward",
        source = "arXiv:2310.12036, section 5: π ∝ π_ref exp(q/τ), q(y) = E_{y′∼π_ref} P(y ≻ y′)",
        verdict = Verdict.HOLDS)
public record IpoWinRate(
        @Setting(about = "π_ref: positive numbers, divided by their sum", byDefault = "[0.98, 0.01, 0.01]")
        List<Double> reference,

        @Setting(about = "r: reward of each answer", byDefault = "[0, 4, 8]")
        List<Double> rewards,

        @Setting(
                about = "KL(π‖π_ref) of both policies in nats, above 0 and below that of the best answer",
                byDefault = "2")
        double kl)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;
    private static final double ROUNDING = 1e-12;

    public IpoWinRate {
        reference = List.copyOf(reference);
        rewards = List.copyOf(rewards);
        new Bandit(reference, rewards).betaAt(kl);
    }

    @Override
    public Outcome run() {
        Bandit bandit = new Bandit(reference, rewards);
        Bandit wins = bandit.withRewards(bandit.winRates());
        double tau = wins.betaAt(kl);
        double beta = bandit.betaAt(kl);
        Policy ipo = ipo(bandit, tau);
        Policy frontier = frontier(bandit, beta);
        double[] tilted = wins.optimum(tau);
        double[] optimum = bandit.optimum(beta);
        boolean holds = ipo.winRate() >= frontier.winRate() - ROUNDING && ipo.reward() <= frontier.reward() + ROUNDING;
        String ipoIs = " of IPO's optimum on all pairs; expected: of π_ref exp(q/τ)/Z";
        String frontierIs = " of the policy with the largest reward; expected: of π_ref exp(r/β)/Z";
        return new Outcome(
                        List.of(
                                near("ipo_reward", "E_π[r]" + ipoIs, ipo.reward(), bandit.reward(tilted)),
                                near(
                                        "frontier_reward",
                                        "E_π[r]" + frontierIs,
                                        frontier.reward(),
                                        bandit.reward(optimum)),
                                near("ipo_win_rate", "E_π[q]" + ipoIs, ipo.winRate(), wins.reward(tilted)),
                                near(
                                        "frontier_win_rate",
                                        "E_π[q]" + frontierIs,
                                        frontier.winRate(),
                                        wins.reward(optimum)),
                                near("ipo_kl", "KL(π‖π_ref)" + ipoIs + "; nats", ipo.kl(), kl),
                                near("frontier_kl", "KL(π‖π_ref)" + frontierIs + "; nats", frontier.kl(), kl)),
                        holds ? Verdict.HOLDS : Verdict.FAILS,
                        "At a KL of " + Quantity.shown(kl)
                                + " IPO's policy wins against the reference with probability "
                                + Quantity.shown(ipo.winRate()) + " and has the reward " + Quantity.shown(ipo.reward())
                                + "; the policy with the largest reward there wins with probability "
                                + Quantity.shown(frontier.winRate()) + " and has the reward "
                                + Quantity.shown(frontier.reward()) + ".")
                .with(plot(bandit, wins));
    }

    private static Quantity near(String name, String meaning, double measured, double expected) {
        return Quantity.near(name, meaning, measured, expected, TOLERANCE);
    }

    private record Policy(double reward, double winRate, double kl) {}

    private static Policy ipo(Bandit bandit, double tau) {
        List<AnswerPair> pairs = AnswerPair.bradleyTerry(bandit.reference(), bandit.rewards());
        double[] policy =
                PopulationLoss.policy(new PopulationLoss(new IpoLoss(tau, Reduction.SUM), bandit.reference(), pairs)
                        .minimum()
                        .point());
        return new Policy(bandit.reward(policy), Bandit.mean(policy, bandit.winRates()), bandit.divergence(policy));
    }

    /** The optimum of the world with these answers as its only tokens. */
    private static Policy frontier(Bandit bandit, double beta) {
        double[] logits = DoubleStream.of(bandit.reference()).map(Math::log).toArray();
        ControlledWorld world = new ControlledWorld(new MarkovShape(bandit.answers(), 1, 1), logits, bandit.rewards());
        MarkovPolicy optimum = world.optimum(beta);
        RewardAndKl exact = world.evaluate(optimum);
        double[] policy = IntStream.range(0, bandit.answers())
                .mapToDouble(a -> Math.exp(optimum.logProb(a)))
                .toArray();
        return new Policy(exact.reward(), Bandit.mean(policy, bandit.winRates()), exact.kl());
    }

    private Plot plot(Bandit bandit, Bandit wins) {
        double most = wins.greatestDivergence();
        double[] divergences =
                IntStream.rangeClosed(1, 39).mapToDouble(i -> most * i / 40).toArray();
        return new Plot(
                "ipo-win-rate",
                "Win rate against the reference of IPO's optimum and of the policy with the largest reward, at equal"
                        + " KL.",
                new PlotAxis("KL(π‖π_ref), nats", PlotScale.LINEAR),
                new PlotAxis("win rate against the reference", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "IPO",
                                PlotStyle.LINE,
                                divergences,
                                DoubleStream.of(divergences)
                                        .map(at -> ipo(bandit, wins.betaAt(at)).winRate())
                                        .toArray()),
                        PlotSeries.of(
                                "largest reward",
                                PlotStyle.DASHED,
                                divergences,
                                DoubleStream.of(divergences)
                                        .map(at -> frontier(bandit, bandit.betaAt(at))
                                                .winRate())
                                        .toArray())));
    }
}
