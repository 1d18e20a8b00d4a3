package dpo.lab.regularization;

import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
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
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Answers of several lengths L with labels from the rewards r. Length-regularised DPO has its minimum at
 *
 * <pre>  π ∝ π_ref exp((r − αL)/β),   dE_π[L]/dα = −Var_π(L)/β &lt;= 0.</pre>
 *
 * @param reference weights of the answers under π_ref
 * @param rewards reward of each answer
 * @param lengths number of tokens of each answer
 * @param alphas values of α, the penalty per token
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "length-penalty",
        claim = "R-DPO, −log σ(βΔ + α(L_w − L_l)), has the minimiser π ∝ π_ref exp((r − αL)/β): α shortens completions",
        source = "arXiv:2403.19159 (R-DPO), with the sign of its derivation",
        verdict = Verdict.HOLDS)
public record LengthPenalty(
        @Setting(
                about = "positive weights of the answers under π_ref, divided by their sum",
                byDefault = "[4, 3, 2, 1]")
        List<Double> reference,

        @Setting(about = "reward of each answer, finite", byDefault = "[0, 0.5, 1, 2]")
        List<Double> rewards,

        @Setting(about = "number of tokens of each answer, at least 1", byDefault = "[1, 2, 4, 8]")
        List<Integer> lengths,

        @Setting(about = "α >= 0: penalties per token, in units of reward", byDefault = "[0, 0.1, 0.2, 0.5, 1]")
        List<Double> alphas,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.5")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    public LengthPenalty {
        reference = List.copyOf(reference);
        rewards = List.copyOf(rewards);
        lengths = List.copyOf(lengths);
        alphas = List.copyOf(alphas);
        Bandit.probabilities("reference", reference);
        Answers.numbers("rewards", rewards, reference.size());
        Answers.numbers("lengths", lengths.stream().map(Integer::doubleValue).toList(), reference.size());
        Requirement.holds(lengths.stream().allMatch(each -> each >= 1), "lengths", "must be at least 1", lengths);
        Requirement.holds(
                !alphas.isEmpty() && alphas.stream().allMatch(each -> each >= 0 && Double.isFinite(each)),
                "alphas",
                "must hold at least one number, each finite and at least 0",
                alphas);
        Requirement.positive("beta", beta);
    }

    @Override
    public Outcome run() {
        double[][] found = alphas.stream().map(this::trained).toArray(double[][]::new);
        double[][] expected = alphas.stream().map(this::tilted).toArray(double[][]::new);
        Quantity length = means("expected_length", "E_π[L] at each α, tokens", found, expected, tokens());
        Quantity reward = means("expected_reward", "E_π[r] at each α", found, expected, Answers.array(rewards));
        boolean holds = length.agrees() && reward.agrees();
        int last = alphas.size() - 1;
        return new Outcome(
                        List.of(length, reward),
                        holds ? Verdict.HOLDS : Verdict.FAILS,
                        "The expected length is "
                                + Quantity.shown(length.measured().get(0)) + " tokens at α = "
                                + Quantity.shown(alphas.get(0)) + " and "
                                + Quantity.shown(length.measured().get(last)) + " at α = "
                                + Quantity.shown(alphas.get(last)) + "; the expected reward goes from "
                                + Quantity.shown(reward.measured().get(0)) + " to "
                                + Quantity.shown(reward.measured().get(last)) + ".")
                .with(plot());
    }

    private static Quantity means(String name, String meaning, double[][] found, double[][] expected, double[] values) {
        return Quantity.near(
                name,
                meaning,
                IntStream.range(0, found.length)
                        .mapToDouble(i -> Bandit.mean(found[i], values))
                        .toArray(),
                IntStream.range(0, found.length)
                        .mapToDouble(i -> Bandit.mean(expected[i], values))
                        .toArray(),
                TOLERANCE);
    }

    private double[] tokens() {
        return lengths.stream().mapToDouble(Integer::doubleValue).toArray();
    }

    /** The minimiser of R-DPO's population loss, with pairs from the reference. */
    private double[] trained(double alpha) {
        double[] prior = Bandit.probabilities("reference", reference);
        return PopulationLoss.policy(new PopulationLoss(
                        new RDpoLoss(beta, alpha),
                        prior,
                        AnswerPair.bradleyTerry(prior, Answers.array(rewards)),
                        lengths.stream().mapToInt(Integer::intValue).toArray())
                .minimum()
                .point());
    }

    /** π_ref exp((r − αL)/β), normalised. */
    private double[] tilted(double alpha) {
        double[] penalised = IntStream.range(0, lengths.size())
                .mapToDouble(a -> rewards.get(a) - alpha * lengths.get(a))
                .toArray();
        return PopulationLoss.policy(
                new RewardObjective(Bandit.probabilities("reference", reference), penalised, beta).optimum());
    }

    private Plot plot() {
        double most = alphas.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        double[] all = IntStream.rangeClosed(0, 50)
                .mapToDouble(i -> Math.max(most, 0.1) * i / 50)
                .toArray();
        return new Plot(
                "length-penalty",
                "Expected length of the minimiser of R-DPO's population loss against its penalty α per token (β = "
                        + Quantity.shown(beta) + ").",
                new PlotAxis("penalty α per token", PlotScale.LINEAR),
                new PlotAxis("expected length, tokens", PlotScale.LINEAR),
                List.of(
                        series("π_ref exp((r − αL)/β)/Z", PlotStyle.LINE, all, alpha -> mean(tilted(alpha))),
                        series(
                                "minimiser of R-DPO",
                                PlotStyle.MARKS,
                                Answers.array(alphas),
                                alpha -> mean(trained(alpha)))));
    }

    private double mean(double[] policy) {
        return Bandit.mean(policy, tokens());
    }

    private static PlotSeries series(String label, PlotStyle style, double[] x, DoubleUnaryOperator y) {
        return PlotSeries.of(label, style, x, DoubleStream.of(x).map(y).toArray());
    }
}
