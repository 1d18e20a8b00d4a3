package dpo.lab.estimation;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.tabular.TabularModel;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Outcome;
import dpo.lab.Quantity;
import dpo.lab.Verdict;
import dpo.report.figure.Plot;
import dpo.report.figure.Plot.PlotAxis;
import dpo.report.figure.Plot.PlotPoint;
import dpo.report.figure.Plot.PlotScale;
import dpo.report.figure.Plot.PlotSeries;
import dpo.report.figure.Plot.PlotStyle;
import dpo.statistics.Difference;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import dpo.train.Frontier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The exact optimum of an estimated reward as β falls: the estimated reward of the policy rises with its KL divergence,
 * the true one rises and then falls.
 *
 * <p>The reward is the Bradley–Terry estimate with a ridge, from n pairs; its optimum is also the policy of least sigmoid
 * loss with that ridge. Differences are paired over data sets, because those share their estimates.
 *
 * @param world the controlled world
 * @param pairs n
 * @param ridge strength of the ridge, per pair
 * @param dataSets number of data sets
 * @param firstSeed seed of the first data set
 * @param betas values of β, falling
 * @param moderateBeta β of a policy that stops early, one of {@code betas}
 */
@Claim(
        name = "over-optimisation",
        claim = "A smaller β, which ties the policy less to the reference, gives a higher true reward",
        source = "NeMo RL's page on DPO theory, guidance on β; arXiv:2210.10760 for learned rewards",
        verdict = Verdict.FAILS)
public record OverOptimisation(
        @Setting(about = "the controlled world, as the model of the tabular backend", byDefault = "{}")
        TabularModel world,

        @Setting(about = "n >= 1: number of pairs of a data set", byDefault = "1024")
        int pairs,

        @Setting(about = "ridge > 0 of the mean log-loss, on the rewards of all transitions", byDefault = "1e-4")
        double ridge,

        @Setting(about = "number of data sets >= 2", byDefault = "20")
        int dataSets,

        @Setting(about = "seed of the first data set; the others have the next ones", byDefault = "1")
        long firstSeed,

        @Setting(
                about = "β > 0, at least three values, falling",
                byDefault = "[2, 1, 0.7, 0.5, 0.35, 0.25, 0.2, 0.1, 0.05, 0.02]")
        List<Double> betas,

        @Setting(about = "one of betas, neither first nor last: the policy that stops early", byDefault = "0.35")
        double moderateBeta)
        implements Experiment {

    private static final double ROUNDING = 1e-9;

    public OverOptimisation {
        Requirement.atLeast("pairs", pairs, 1);
        Requirement.positive("ridge", ridge);
        Requirement.atLeast("data_sets", dataSets, 2);
        betas = DataSets.betas(betas);
        List<Double> given = betas;
        Requirement.holds(
                given.size() >= 3 && IntStream.range(1, given.size()).allMatch(i -> given.get(i) < given.get(i - 1)),
                "betas",
                "must be at least three falling numbers",
                betas);
        Requirement.holds(
                given.indexOf(moderateBeta) > 0 && given.indexOf(moderateBeta) < given.size() - 1,
                "moderate_beta",
                "must be one of betas, neither first nor last",
                moderateBeta,
                "betas");
    }

    /** Numbers of the policies, {@code [β][data set]}, and the estimate of the first data set. */
    private record Measurements(
            double[][] reward, double[][] kl, double[][] estimated, double[][] frontier, EstimatedReward first) {}

    @Override
    public Outcome run() {
        Measurements all = measurements();
        int last = betas.size() - 1;
        int moderate = betas.indexOf(moderateBeta);
        Difference rise = Difference.paired(all.reward()[moderate], all.reward()[0]);
        Difference fall = Difference.paired(all.reward()[last], all.reward()[moderate]);
        List<Quantity> quantities = new ArrayList<>(List.of(
                Quantity.of("kl", "KL(π‖π_ref) of each β, nats, mean over data sets", means(all.kl())),
                Quantity.of("true_reward", "E_π[r] of each β", means(all.reward())),
                Quantity.of("estimated_reward", "E_π[r̂] − E_π_ref[r̂] of each β", means(all.estimated())),
                Quantity.ranging(
                        "least_estimated_rise",
                        "least rise of the estimated reward from one β to the next, over all data sets",
                        leastRise(all.estimated()),
                        -ROUNDING,
                        Double.POSITIVE_INFINITY),
                Quantity.ranging(
                        "least_distance",
                        "least distance of the true reward below the optimum at the same KL, over all",
                        leastDistance(all),
                        -ROUNDING,
                        Double.POSITIVE_INFINITY),
                Quantity.of("rise", "true reward at moderate_beta minus that at the largest β", interval(rise)),
                Quantity.of("fall", "true reward at the smallest β minus that at moderate_beta", interval(fall))));
        quantities.addAll(SigmoidAtEstimate.quantities(
                all.first(), EstimatedReward.pairs(all.first().world(), pairs, firstSeed), betas, ridge));
        return outcome(quantities, rise, fall, moderate, all);
    }

    private Outcome outcome(
            List<Quantity> quantities, Difference rise, Difference fall, int moderate, Measurements all) {
        boolean falls = fall.interval().high() < 0;
        boolean rises = rise.interval().low() > 0;
        double[] kl = means(all.kl());
        String numbers = String.format(
                Locale.ROOT,
                "From β = %s to %s (KL %.3g to %.3g) the true reward changes by %s, from there to β = %s (KL %.3g) by %s,"
                        + " paired over %d data sets with 95 %% intervals.",
                betas.get(0),
                moderateBeta,
                kl[0],
                kl[moderate],
                text(rise),
                betas.get(betas.size() - 1),
                kl[kl.length - 1],
                text(fall),
                dataSets);
        Verdict verdict = falls ? Verdict.FAILS : rises ? Verdict.HOLDS_UNDER : Verdict.HOLDS;
        String reading = falls
                ? " The estimated reward rises throughout: the policy exploits its errors."
                : " No fall is shown at these settings.";
        return new Outcome(quantities, verdict, numbers + reading).with(plot(all));
    }

    private Measurements measurements() {
        ControlledWorld truth = world.world();
        TransitionFeatures features = TransitionFeatures.ofEntries(truth.shape());
        List<EstimatedReward> estimates = new DataSets(truth, pairs, dataSets, firstSeed)
                .stream()
                        .map(data -> EstimatedReward.of(truth, data, features, ridge))
                        .toList();
        int size = betas.size();
        Measurements all = new Measurements(
                new double[size][dataSets],
                new double[size][dataSets],
                new double[size][dataSets],
                new double[size][dataSets],
                estimates.get(0));
        for (int j = 0; j < dataSets; j++) {
            ControlledWorld estimated = estimates.get(j).estimated();
            double atReference = estimated.evaluate(truth.reference()).reward();
            for (int i = 0; i < size; i++) {
                MarkovPolicy policy = estimates.get(j).policy(betas.get(i));
                RewardAndKl exact = truth.evaluate(policy);
                all.reward()[i][j] = exact.reward();
                all.kl()[i][j] = exact.kl();
                all.estimated()[i][j] = estimated.evaluate(policy).reward() - atReference;
                all.frontier()[i][j] = Frontier.rewardAt(truth.evaluation(policy), exact.kl());
            }
        }
        return all;
    }

    private static double[] means(double[][] values) {
        return Arrays.stream(values)
                .mapToDouble(row -> Arrays.stream(row).average().orElseThrow())
                .toArray();
    }

    private double leastRise(double[][] values) {
        return IntStream.range(1, values.length)
                .mapToDouble(i -> IntStream.range(0, dataSets)
                        .mapToDouble(j -> values[i][j] - values[i - 1][j])
                        .min()
                        .orElseThrow())
                .min()
                .orElseThrow();
    }

    private double leastDistance(Measurements all) {
        return IntStream.range(0, betas.size())
                .mapToDouble(i -> IntStream.range(0, dataSets)
                        .mapToDouble(j -> all.frontier()[i][j] - all.reward()[i][j])
                        .min()
                        .orElseThrow())
                .min()
                .orElseThrow();
    }

    /** Estimate, lower and upper end. */
    private static double[] interval(Difference difference) {
        Interval interval = difference.interval();
        return new double[] {interval.estimate(), interval.low(), interval.high()};
    }

    private static String text(Difference difference) {
        double[] ends = interval(difference);
        return String.format(Locale.ROOT, "%.3g [%.3g, %.3g]", ends[0], ends[1], ends[2]);
    }

    private Plot plot(Measurements all) {
        double[] kl = means(all.kl());
        List<PlotPoint> points = new ArrayList<>();
        for (int i = 0; i < kl.length; i++) {
            Interval interval = IntervalKind.CI95.of(all.reward()[i]);
            points.add(new PlotPoint(kl[i], interval.estimate(), interval.low(), interval.high()));
        }
        return new Plot(
                "over-optimisation",
                "True and estimated reward of the exact optimum of an estimated reward (" + pairs + " pairs, ridge "
                        + ridge + ") against its KL divergence, for falling β, and the best true reward at the same KL;"
                        + " means over " + dataSets + " data sets, true reward with 95 % interval.",
                new PlotAxis("KL(π‖π_ref), nats", PlotScale.SQUARE_ROOT),
                new PlotAxis("reward", PlotScale.LINEAR),
                List.of(
                        new PlotSeries("true reward", PlotStyle.LINE, points),
                        PlotSeries.of("estimated reward", PlotStyle.LINE, kl, means(all.estimated())),
                        PlotSeries.of("optimum of the true reward", PlotStyle.DASHED, kl, means(all.frontier()))));
    }
}
