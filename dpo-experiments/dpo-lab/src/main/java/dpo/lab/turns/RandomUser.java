package dpo.lab.turns;

import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.ConversationLoss;
import dpo.core.theory.ConversationWorld;
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
 * A user replies at random between two turns of the policy. At the optimum of {@code J_β = E[r] − β Σ_t E[log π/π_ref]}
 *
 * <pre>  β Σ_t log π*(a_t)/π_ref(a_t) = r − V − (V_2(a_1, u) − E[V_2(a_1, u) | a_1]),</pre>
 *
 * where V_2 is the soft value of the second turn. The last term, a martingale difference, is not the same for both
 * completions of a pair; it is 0 if the user is deterministic. DPO over the sum of turns ignores it.
 *
 * @param reference π_ref of answer 1 in the first and in the second turn
 * @param firstRewards r_1 of the answers of the first turn
 * @param secondRewards r_2(u, a_2)
 * @param replies probability of reply 1 after each answer
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "random-user",
        claim = "DPO with the sum over turns inside σ has its minimum at the optimum of the conversation",
        source = "NeMo RL's page on DPO theory, multi-turn conversations; derivation by the soft Bellman equation",
        verdict = Verdict.FAILS)
public record RandomUser(
        @Setting(
                about = "π_ref of answer 1 in the first and in the second turn, each in (0, 1)",
                byDefault = "[0.4, 0.7]")
        List<Double> reference,

        @Setting(about = "reward of answers 0 and 1 of the first turn, finite", byDefault = "[0, 0.5]")
        List<Double> firstRewards,

        @Setting(
                about = "reward of (reply, second answer) = (0,0), (0,1), (1,0), (1,1), finite",
                byDefault = "[0, 1, 3, -1]")
        List<Double> secondRewards,

        @Setting(
                about = "probability of reply 1 after answers 0 and 1, each in [0, 1]; 0 or 1 is a deterministic user",
                byDefault = "[0.2, 0.6]")
        List<Double> replies,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.5")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-6;

    /** The regret below which two policies count as equally good. */
    private static final double NO_REGRET = 1e-8;

    public RandomUser {
        reference = List.copyOf(reference);
        firstRewards = List.copyOf(firstRewards);
        secondRewards = List.copyOf(secondRewards);
        replies = List.copyOf(replies);
        new TwoTurns(reference, firstRewards, secondRewards, replies);
        Requirement.positive("beta", beta);
    }

    @Override
    public Outcome run() {
        TwoTurns turns = new TwoTurns(reference, firstRewards, secondRewards, replies);
        ConversationWorld world = turns.world();
        ConversationWorld.Optimum optimum = world.optimum(beta);
        double[] trained = trained(world);
        ScoringFit fit = new ScoringFit(turns, beta, 1, 1);
        double[] fitted = fit.minimum();
        double best = world.value(optimum.logits(), beta);
        double value = world.value(trained, beta);
        double spread = spread();
        boolean agree = best - value <= NO_REGRET;
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "optimum_first_turn",
                                        "π* of answer 1 in the first turn, by dynamic programming",
                                        first(world, optimum.logits()),
                                        predictedFirstTurn(),
                                        TOLERANCE),
                                Quantity.near(
                                        "dpo_first_turn",
                                        "π of answer 1 in the first turn at the minimum of DPO's loss",
                                        first(world, trained),
                                        LogSpace.sigmoid(fitted[0]),
                                        TOLERANCE),
                                Quantity.near("optimum_value", "J_β(π*)", best, predictedValue(), TOLERANCE),
                                Quantity.near("dpo_value", "J_β(π)", value, fit.value(fitted), TOLERANCE),
                                Quantity.ranging(
                                        "regret",
                                        "J_β(π*) − J_β(π); 0 if the value to come does not depend on the reply",
                                        best - value,
                                        -NO_REGRET,
                                        spread <= NO_REGRET ? NO_REGRET : Double.POSITIVE_INFINITY),
                                Quantity.of(
                                        "martingale",
                                        "largest standard deviation of V_2(a_1, u) over the replies after an answer",
                                        spread)),
                        agree ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        statement(agree, spread, best, best - value))
                .with(plot(turns));
    }

    private static String statement(boolean agree, double spread, double best, double regret) {
        if (!agree) {
            return "Counterexample: the value to come depends on the reply (standard deviation "
                    + Quantity.shown(spread)
                    + "), and DPO loses " + Quantity.shown(regret) + " of J_β = " + Quantity.shown(best)
                    + ". It finds the optimum if the user is deterministic.";
        }
        return spread <= NO_REGRET
                ? "DPO finds the optimum, since the value to come does not depend on the user's chance."
                : "DPO is within " + NO_REGRET + " of J_β = " + Quantity.shown(best)
                        + ", although the value to come depends on the reply (standard deviation "
                        + Quantity.shown(spread) + "): the optimum is nearly deterministic here.";
    }

    private double[] trained(ConversationWorld world) {
        return new ConversationLoss(world, new TurnWeighted(new SigmoidLoss(beta, 0), new TurnWeights.All()))
                .minimum()
                .point();
    }

    /** The first turn's logits come first. */
    private static double first(ConversationWorld world, double[] logits) {
        return Math.exp(world.logPolicy(logits)[1]);
    }

    /** {@code V_2(u) = β log Σ_a π_ref(a) exp(r_2(u, a)/β)}. */
    private double valueToCome(int reply) {
        double second = reference.get(1);
        return beta
                * LogSpace.logSumExp(
                        Math.log1p(-second) + secondRewards.get(2 * reply) / beta,
                        Math.log(second) + secondRewards.get(2 * reply + 1) / beta);
    }

    /** Reward of an answer of the first turn with the mean of the value to come. */
    private double gain(int answer) {
        double chance = replies.get(answer);
        return firstRewards.get(answer) + (1 - chance) * valueToCome(0) + chance * valueToCome(1);
    }

    private double predictedFirstTurn() {
        double prior = reference.get(0);
        return LogSpace.sigmoid(Math.log(prior) - Math.log1p(-prior) + (gain(1) - gain(0)) / beta);
    }

    private double predictedValue() {
        double prior = reference.get(0);
        return beta * LogSpace.logSumExp(Math.log1p(-prior) + gain(0) / beta, Math.log(prior) + gain(1) / beta);
    }

    private double spread() {
        double difference = Math.abs(valueToCome(1) - valueToCome(0));
        return replies.stream()
                .mapToDouble(chance -> difference * Math.sqrt(chance * (1 - chance)))
                .max()
                .orElse(0);
    }

    /** Regret against the user's chance, from the likelier reply alone to equally likely replies. */
    private Plot plot(TwoTurns turns) {
        double[] chances =
                IntStream.rangeClosed(0, 10).mapToDouble(i -> i / 20.0).toArray();
        return new Plot(
                "random-user",
                "Regret of multi-turn DPO against the probability of the user's less likely reply (β = "
                        + Quantity.shown(beta) + "). It is 0 for a deterministic user.",
                new PlotAxis("probability of the less likely reply", PlotScale.LINEAR),
                new PlotAxis("regret J_β(π*) − J_β(π)", PlotScale.LINEAR),
                List.of(PlotSeries.of(
                        "DPO over all turns",
                        PlotStyle.LINE,
                        chances,
                        DoubleStream.of(chances)
                                .map(chance -> {
                                    ConversationWorld world = turns.with(replies.stream()
                                                    .map(each -> each > 0.5 ? 1 - chance : chance)
                                                    .toList())
                                            .world();
                                    return world.optimum(beta).value() - world.value(trained(world), beta);
                                })
                                .toArray())));
    }
}
