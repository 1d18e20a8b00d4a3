package dpo.lab.estimation;

import dpo.core.setting.SettingException;
import dpo.core.theory.PairInformation;
import dpo.core.theory.RegretLimit;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
import dpo.lab.Quantity;
import dpo.report.figure.Plot.PlotPoint;
import dpo.report.figure.Plot.PlotSeries;
import dpo.report.figure.Plot.PlotStyle;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.hipparchus.exception.MathRuntimeException;

/**
 * n · regret of estimates in one class of rewards, over data sets, beside the limit that the Fisher information gives.
 *
 * @param name name of the estimator, the beginning of the names of its quantities
 * @param directions number of features of the class
 * @param pairs n
 * @param betas values of β
 * @param scaled n · regret, {@code [β][data set]}
 * @param limits limit of each β
 */
record ScaledRegrets(
        String name, int directions, int pairs, List<Double> betas, double[][] scaled, List<RegretLimit> limits) {

    /** Allowed distance of a mean over data sets from its limit, in standard errors. */
    static final double ERRORS = 4;

    /**
     * Allowed share of the terms of higher order, in numbers of directions per pair. In the default world, with 371 of
     * them and 32,768 pairs, the regret is 10 % above its limit, nine times that ratio.
     */
    private static final double HIGHER_ORDER = 18;

    /** The share of terms of higher order that is allowed for estimates of some directions from n pairs. */
    static double higherOrder(int directions, int pairs) {
        return HIGHER_ORDER * directions / pairs;
    }

    static ScaledRegrets of(
            String name,
            ControlledWorld world,
            TransitionFeatures features,
            int pairs,
            List<Double> betas,
            List<EstimatedReward> estimates) {
        double[][] scaled = new double[betas.size()][];
        Arrays.setAll(scaled, i -> estimates.stream()
                .mapToDouble(estimate -> pairs * estimate.regret(betas.get(i)))
                .toArray());
        return new ScaledRegrets(name, features.count(), pairs, betas, scaled, limits(world, features, betas));
    }

    private static List<RegretLimit> limits(ControlledWorld world, TransitionFeatures features, List<Double> betas) {
        PairInformation information = new PairInformation(world);
        double[][] fisher = information.fisher(features);
        try {
            return betas.stream()
                    .map(beta -> information.regretLimit(features, fisher, beta))
                    .toList();
        } catch (MathRuntimeException singular) {
            throw new SettingException(
                    "world",
                    "must give pairs that show every direction of the reward",
                    "a singular Fisher information");
        }
    }

    double[] means() {
        return IntStream.range(0, scaled.length)
                .mapToDouble(i -> interval(i).estimate())
                .toArray();
    }

    double[] constants() {
        return limits.stream().mapToDouble(RegretLimit::mean).toArray();
    }

    private Interval interval(int index) {
        return IntervalKind.CI95.of(scaled[index]);
    }

    /** The mean over data sets, within {@link #ERRORS} standard errors and the terms of higher order of the limit. */
    Quantity measured() {
        List<Double> low = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        for (int i = 0; i < scaled.length; i++) {
            RegretLimit limit = limits.get(i);
            double room = ERRORS * limit.deviation() / Math.sqrt(scaled[i].length)
                    + higherOrder(directions, pairs) * limit.mean();
            low.add(limit.mean() - room);
            high.add(limit.mean() + room);
        }
        return new Quantity(
                name + "_scaled_regret",
                "n · regret of each β, mean over data sets; expected: its limit, within 4 standard errors and the terms"
                        + " of higher order",
                boxed(means()),
                true,
                low,
                high,
                boxed(constants()));
    }

    /** The limit of each β. */
    Quantity constant() {
        return Quantity.of(name + "_constant", "tr(Cov_π*(φ) I⁻¹)/(2β) of each β, exact", constants());
    }

    /** Means with intervals, and the limits. */
    List<PlotSeries> series() {
        List<PlotPoint> points = new ArrayList<>();
        List<PlotPoint> limit = new ArrayList<>();
        for (int i = 0; i < scaled.length; i++) {
            Interval interval = interval(i);
            points.add(
                    interval.isKnown()
                            ? new PlotPoint(
                                    betas.get(i), interval.estimate(), Math.max(0, interval.low()), interval.high())
                            : PlotPoint.at(betas.get(i), interval.estimate()));
            limit.add(PlotPoint.at(betas.get(i), limits.get(i).mean()));
        }
        String label = name.toUpperCase(Locale.ROOT);
        return List.of(
                new PlotSeries(label + ", mean of n · regret", PlotStyle.MARKS, points),
                new PlotSeries(label + ", limit", PlotStyle.DASHED, limit));
    }

    static List<Double> boxed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
