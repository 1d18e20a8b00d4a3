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
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Two turns with a user who repeats the first answer, so that DPO over all turns is exact. DPO over the last turn leaves
 * the first turn at the reference, and explains rewards of the first turn by answers of the second; its loss may have
 * several minima, of which the least counts.
 *
 * @param reference π_ref of answer 1 in the first and in the second turn
 * @param firstRewards r_1 of the answers of the first turn
 * @param secondRewards r_2 of (first answer, second answer)
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "turn-credit",
        claim = "DPO on the last turn alone reaches the value of DPO on all turns",
        source = "derivation: exact J_β of both minimisers in a conversation of two turns",
        verdict = Verdict.FAILS)
public record TurnCredit(
        @Setting(
                about = "π_ref of answer 1 in the first and in the second turn, each in (0, 1)",
                byDefault = "[0.4, 0.7]")
        List<Double> reference,

        @Setting(about = "reward of answers 0 and 1 of the first turn, finite", byDefault = "[0, 2]")
        List<Double> firstRewards,

        @Setting(
                about = "reward of (first answer, second answer) = (0,0), (0,1), (1,0), (1,1), finite",
                byDefault = "[0, 1, 1, 0]")
        List<Double> secondRewards,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.5")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-6;

    /** Logits at which an answer is nearly certain. */
    static final double FAR = 4;

    public TurnCredit {
        reference = List.copyOf(reference);
        firstRewards = List.copyOf(firstRewards);
        secondRewards = List.copyOf(secondRewards);
        new TwoTurns(reference, firstRewards, secondRewards, TwoTurns.ECHO);
        Requirement.positive("beta", beta);
    }

    @Override
    public Outcome run() {
        TwoTurns turns = turns(1);
        ConversationWorld world = turns.world();
        double all = value(world, new TurnWeights.All());
        double last = value(world, new TurnWeights.Last());
        double prior = world.value(world.logReference(), beta);
        ScoringFit fit = new ScoringFit(turns, beta, 0, 1);
        boolean agree = all - last <= TOLERANCE;
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "all_turns_value",
                                        "J_β of DPO on all turns; expected J_β(π*)",
                                        all,
                                        optimalValue(),
                                        TOLERANCE),
                                Quantity.near(
                                        "last_turn_value",
                                        "J_β of DPO on the last turn",
                                        last,
                                        fit.value(fit.leastMinimum(FAR)),
                                        TOLERANCE),
                                Quantity.near(
                                        "reference_value",
                                        "J_β(π_ref) = E_ref[r]",
                                        prior,
                                        referenceReward(),
                                        TOLERANCE)),
                        agree ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        "J_β is " + Quantity.shown(prior) + " for the reference, " + Quantity.shown(last)
                                + " with credit to the last turn and " + Quantity.shown(all)
                                + " with credit to all turns"
                                + (agree ? ": the first turn does not matter here." : ", the optimum."))
                .with(plot());
    }

    /** The conversation with the rewards of the first turn times a factor. */
    private TwoTurns turns(double factor) {
        return new TwoTurns(
                reference, firstRewards.stream().map(reward -> factor * reward).toList(), secondRewards, TwoTurns.ECHO);
    }

    private double value(ConversationWorld world, TurnWeights weights) {
        double[] trained = new ConversationLoss(world, new TurnWeighted(new SigmoidLoss(beta, 0), weights))
                .minimum(weights instanceof TurnWeights.All ? List.of(world.logReference()) : starts(world))
                .point();
        return world.value(trained, beta);
    }

    /** The reference, and policies that prefer one or the other answer in the second turn after each first answer. */
    private static List<double[]> starts(ConversationWorld world) {
        List<double[]> starts = new ArrayList<>(List.of(world.logReference()));
        for (int corner = 0; corner < 4; corner++) {
            double[] start = world.logReference();
            // Each turn has two logits: the first turn, then the second turn after (answer, reply) = 00, 01, 10, 11.
            start[3] += corner / 2 == 1 ? FAR : -FAR;
            start[9] += corner % 2 == 1 ? FAR : -FAR;
            starts.add(start);
        }
        return starts;
    }

    /** {@code β log Σ π_ref exp(r/β)} over the four courses of the conversation, since the user adds no chance. */
    private double optimalValue() {
        double[] scores = IntStream.range(0, 4)
                .mapToDouble(course -> Math.log(prior(course)) + reward(course) / beta)
                .toArray();
        return beta * LogSpace.logSumExp(scores);
    }

    private double referenceReward() {
        return IntStream.range(0, 4)
                .mapToDouble(course -> prior(course) * reward(course))
                .sum();
    }

    private double reward(int course) {
        return firstRewards.get(course / 2) + secondRewards.get(course);
    }

    private double prior(int course) {
        double first = course / 2 == 1 ? reference.get(0) : 1 - reference.get(0);
        double second = course % 2 == 1 ? reference.get(1) : 1 - reference.get(1);
        return first * second;
    }

    private Plot plot() {
        double[] factors =
                IntStream.rangeClosed(0, 10).mapToDouble(i -> i / 5.0).toArray();
        return new Plot(
                "turn-credit",
                "J_β of DPO on all turns, on the last turn and of the reference, against a factor of the rewards of the"
                        + " first turn (β = " + Quantity.shown(beta) + ").",
                new PlotAxis("factor of the first turn's rewards", PlotScale.LINEAR),
                new PlotAxis("J_β", PlotScale.LINEAR),
                List.of(
                        curve(
                                "all turns",
                                factors,
                                factor -> value(turns(factor).world(), new TurnWeights.All())),
                        curve(
                                "last turn",
                                factors,
                                factor -> value(turns(factor).world(), new TurnWeights.Last())),
                        curve("reference", factors, factor -> {
                            ConversationWorld world = turns(factor).world();
                            return world.value(world.logReference(), beta);
                        })));
    }

    private static PlotSeries curve(String label, double[] factors, DoubleUnaryOperator value) {
        return PlotSeries.of(
                label,
                PlotStyle.LINE,
                factors,
                DoubleStream.of(factors).map(value).toArray());
    }
}
