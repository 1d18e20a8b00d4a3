package dpo.lab.labels;

import dpo.core.numeric.LogSpace;
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
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Labels from the Bradley–Terry model with a reward gap d, each flipped with probability f: the first answer is chosen
 * with probability {@code P = (1−f) σ(d) + f σ(−d)}. The population minimisers βΔ of DPO, of robust DPO and of
 * conservative DPO (cDPO), both with ε = f, are
 *
 * <pre>  log(P/(1−P)),   d,   log(P′/(1−P′)) with P′ = (1−f) P + f (1−P).</pre>
 *
 * cDPO smooths the noisy labels once more, so it shrinks d more than DPO does; robust DPO removes the noise.
 *
 * @param flip f
 * @param rewardGap d
 */
@Claim(
        name = "label-noise",
        claim = "With labels flipped with probability f, cDPO with ε = f is nearer to the true reward gap than DPO",
        source = "Mitchell 2023, A note on DPO with noisy preferences; robust DPO: arXiv:2403.00409",
        verdict = Verdict.FAILS)
public record LabelNoise(
        @Setting(about = "f in [0, 0.5): probability that a label is flipped", byDefault = "0.1")
        double flip,

        @Setting(about = "d in [-15, 15], not 0: reward of one answer minus that of the other", byDefault = "2")
        double rewardGap)
        implements Experiment {

    private static final double TOLERANCE = 1e-8;

    /** The minimiser βΔ depends on neither; both differ from 1, so that an objective without them is noticed. */
    private static final double BETA = 0.5;

    private static final double REFERENCE_RATIO = 3;

    public LabelNoise {
        Requirement.within("flip", flip, 0, 0.5);
        Requirement.between("reward_gap", rewardGap, -15, 15);
        Requirement.holds(rewardGap != 0, "reward_gap", "must not be 0", rewardGap);
    }

    @Override
    public Outcome run() {
        double p = noisy(flip);
        double sigmoid = measured(sigmoid(), flip);
        double robust = measured(Links.robust(BETA, flip), flip);
        double cdpo = measured(Links.cdpo(BETA, flip), flip);
        double smoothed = (1 - flip) * p + flip * (1 - p);
        boolean cdpoIsNearer = Math.abs(cdpo - rewardGap) < Math.abs(sigmoid - rewardGap) - TOLERANCE;
        Verdict verdict = flip == 0 ? Verdict.HOLDS_UNDER : cdpoIsNearer ? Verdict.HOLDS : Verdict.FAILS;
        return new Outcome(
                        List.of(
                                near("sigmoid", "βΔ of DPO; expected: log(P/(1−P))", sigmoid, Links.logit(p)),
                                near("robust", "βΔ of robust DPO, ε = f; expected: d", robust, rewardGap),
                                near(
                                        "cdpo",
                                        "βΔ of cDPO, ε = f; expected: log(P′/(1−P′))",
                                        cdpo,
                                        Links.logit(smoothed))),
                        verdict,
                        flip == 0
                                ? "Without flipped labels all three have the true gap " + Quantity.shown(rewardGap)
                                        + "."
                                : "Of the true gap " + Quantity.shown(rewardGap) + " DPO finds "
                                        + Quantity.shown(sigmoid) + ", cDPO " + Quantity.shown(cdpo)
                                        + " and robust DPO " + Quantity.shown(robust) + ".")
                .with(plot());
    }

    private static Quantity near(String name, String meaning, double measured, double expected) {
        return Quantity.near(name, meaning, measured, expected, TOLERANCE);
    }

    private static Link sigmoid() {
        return Links.cdpo(BETA, 0);
    }

    /** P, the probability of the label after flips. */
    private double noisy(double f) {
        return (1 - f) * LogSpace.sigmoid(rewardGap) + f * LogSpace.sigmoid(-rewardGap);
    }

    private double measured(Link link, double f) {
        return link.measured(new TwoAnswers(REFERENCE_RATIO, noisy(f)), BETA).orElse(Double.NaN);
    }

    private Plot plot() {
        double[] flips = IntStream.range(0, 49).mapToDouble(i -> i / 100.0).toArray();
        return new Plot(
                "label-noise",
                "Reward margin βΔ at the population minimum of three objectives against the share of flipped labels;"
                        + " the true reward gap is " + Quantity.shown(rewardGap) + ".",
                new PlotAxis("share of flipped labels f", PlotScale.LINEAR),
                new PlotAxis("βΔ", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of("DPO", PlotStyle.LINE, flips, each(flips, f -> measured(sigmoid(), f))),
                        PlotSeries.of(
                                "robust DPO",
                                PlotStyle.LINE,
                                flips,
                                each(flips, f -> measured(Links.robust(BETA, f), f))),
                        PlotSeries.of(
                                "cDPO", PlotStyle.LINE, flips, each(flips, f -> measured(Links.cdpo(BETA, f), f)))));
    }

    private static double[] each(double[] values, DoubleUnaryOperator function) {
        return DoubleStream.of(values).map(function).toArray();
    }
}
