package dpo.lab.estimation;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.tabular.TabularModel;
import dpo.core.theory.BradleyTerry;
import dpo.core.theory.Separability;
import dpo.core.theory.SparseRows;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Whether finitely many pairs have a policy of least sigmoid loss. They have one if and only if no pair is linearly
 * separable, which a linear program decides. Where one is, the KL divergence of training grows with every further step;
 * where none is, it converges to that of the estimate.
 *
 * <p>The program's answer is compared with the pairs whose margins grow without bound in Newton's method.
 *
 * @param world the controlled world
 * @param pairs numbers of pairs
 * @param dataSets number of data sets of each size
 * @param firstSeed seed of the first data set
 * @param programPairs largest number of pairs for which the linear program is solved
 * @param beta β of the training
 * @param learningRate learning rate of the training
 * @param steps numbers of steps after which KL is measured
 */
@Claim(
        name = "separability",
        claim = "DPO converges: with enough steps its policy depends on the objective, not on the number of steps",
        source = "NeMo RL's page on DPO theory, convergence theorem; Albert and Anderson 1984, Biometrika 71",
        verdict = Verdict.HOLDS_UNDER)
public record SeparablePairs(
        @Setting(about = "the controlled world, as the model of the tabular backend", byDefault = "{}")
        TabularModel world,

        @Setting(about = "numbers of pairs >= 2", byDefault = "[1024, 16384]")
        List<Integer> pairs,

        @Setting(about = "number of data sets >= 1 of each size", byDefault = "3")
        int dataSets,

        @Setting(about = "seed of the first data set; the others have the next ones", byDefault = "1")
        long firstSeed,

        @Setting(
                about = "largest number of pairs for which the linear program is solved; its time grows as the square",
                byDefault = "1024")
        int programPairs,

        @Setting(about = "β > 0 of the training", byDefault = "1")
        double beta,

        @Setting(about = "learning rate > 0 of the training, all pairs in a step", byDefault = "0.1")
        double learningRate,

        @Setting(
                about = "at least two rising numbers of steps after which KL is measured",
                byDefault = "[16, 32, 64, 128, 256]")
        List<Integer> steps)
        implements Experiment {

    /** A margin above this after Newton's method grows without bound: the label's log-loss is below 1e-8. */
    private static final double UNBOUNDED = 18;

    /** Least relative growth of KL in the last interval of steps where pairs are separable. */
    private static final double GROWTH = 0.05;

    /** Largest relative distance of KL from that of the estimate where it exists. */
    private static final double CONVERGED = 0.02;

    public SeparablePairs {
        pairs = List.copyOf(pairs);
        steps = List.copyOf(steps);
        Requirement.holds(!pairs.isEmpty(), "pairs", "must hold at least one number", pairs);
        pairs.forEach(number -> Requirement.atLeast("pairs", number, 2));
        Requirement.atLeast("data_sets", dataSets, 1);
        Requirement.positive("beta", beta);
        Requirement.positive("learning_rate", learningRate);
        List<Integer> given = steps;
        Requirement.holds(
                given.size() >= 2
                        && given.get(0) > 0
                        && IntStream.range(1, given.size()).allMatch(i -> given.get(i) > given.get(i - 1)),
                "steps",
                "must be at least two rising positive numbers",
                steps);
    }

    /** What a data set shows; the first of its size is trained. */
    private record DataSet(int pairs, double share, double[] programShares, double[] kl, double estimatedKl) {

        private boolean isSeparable() {
            return share > 0;
        }
    }

    @Override
    public Outcome run() {
        ControlledWorld truth = world.world();
        TransitionFeatures features = TransitionFeatures.ofPositions(truth.shape());
        List<DataSet> all = new ArrayList<>();
        for (int number : pairs) {
            new DataSets(truth, number, dataSets, firstSeed).stream().forEach(data -> {
                boolean isFirst = all.stream().noneMatch(other -> other.pairs() == number);
                all.add(measured(truth, features, data, isFirst));
            });
        }
        List<DataSet> solved =
                all.stream().filter(data -> data.programShares().length > 0).toList();
        List<DataSet> trained =
                all.stream().filter(data -> data.kl().length > 0).toList();
        List<Quantity> quantities = new ArrayList<>();
        quantities.add(Quantity.of(
                "separable_share",
                "share of separable pairs, size by size and seed by seed: margins without bound in Newton's method",
                all.stream().mapToDouble(DataSet::share).toArray()));
        if (!solved.isEmpty()) {
            quantities.addAll(programs(solved));
        }
        quantities.add(Quantity.of(
                "kl",
                "KL(πθ‖π_ref) after each number of steps, size by size, nats",
                trained.stream()
                        .flatMapToDouble(data -> Arrays.stream(data.kl()))
                        .toArray()));
        quantities.add(trainedKl(trained));
        boolean holds = quantities.stream().allMatch(Quantity::agrees);
        boolean anySeparable = all.stream().anyMatch(DataSet::isSeparable);
        Verdict verdict = !holds ? Verdict.FAILS : anySeparable ? Verdict.HOLDS_UNDER : Verdict.HOLDS;
        return new Outcome(quantities, verdict, statement(all, trained)).with(plot(trained));
    }

    private DataSet measured(
            ControlledWorld truth, TransitionFeatures features, List<Preference> data, boolean isTrained) {
        SparseRows differences = features.differences(data);
        EstimatedReward estimate = EstimatedReward.of(truth, data, features, 0);
        BradleyTerry.Fit fit = estimate.fit();
        double unbounded = IntStream.range(0, data.size())
                .filter(row -> differences.dot(row, fit.weights()) > UNBOUNDED)
                .count();
        double share = fit.isConverged() ? 0 : unbounded / data.size();
        double[] kl = isTrained
                ? new FullBatchTraining(world, new SigmoidLoss(beta, 0), learningRate)
                        .kl(new PreferenceBatch(data), steps)
                : new double[0];
        double estimatedKl = truth.evaluate(estimate.policy(beta)).kl();
        return new DataSet(data.size(), share, programShares(truth, data), kl, estimatedKl);
    }

    /** The share of separable pairs by linear programs, and that by the first program on all transitions. */
    private double[] programShares(ControlledWorld truth, List<Preference> data) {
        if (data.size() > programPairs) {
            return new double[0];
        }
        // The box of the first program makes its solution depend on how rewards are written.
        SparseRows all = TransitionFeatures.ofEntries(truth.shape()).differences(data);
        Separability separability = Separability.of(all);
        return new double[] {
            (double) separability.count() / data.size(), (double) separability.byOneProgram() / data.size()
        };
    }

    private static List<Quantity> programs(List<DataSet> solved) {
        return List.of(
                Quantity.near(
                        "program_share",
                        "share of separable pairs by linear programs; expected: that of Newton's method",
                        solved.stream()
                                .mapToDouble(data -> data.programShares()[0])
                                .toArray(),
                        solved.stream().mapToDouble(DataSet::share).toArray(),
                        1e-12),
                Quantity.of(
                        "one_program_share",
                        "share that a single program in a box, max Σ D·w, separates: a lower bound",
                        solved.stream()
                                .mapToDouble(data -> data.programShares()[1])
                                .toArray()));
    }

    private Quantity trainedKl(List<DataSet> trained) {
        List<Double> measured = new ArrayList<>();
        List<Double> low = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        for (DataSet data : trained) {
            int last = data.kl().length - 1;
            measured.add(data.kl()[last]);
            low.add(data.isSeparable() ? (1 + GROWTH) * data.kl()[last - 1] : (1 - CONVERGED) * data.estimatedKl());
            high.add(data.isSeparable() ? Double.POSITIVE_INFINITY : (1 + CONVERGED) * data.estimatedKl());
        }
        return new Quantity(
                "trained_kl",
                "KL after the last step; expected: 5 % above that of the measurement before where pairs are separable,"
                        + " else within 2 % of the estimate's",
                measured,
                true,
                low,
                high,
                List.of());
    }

    private String statement(List<DataSet> all, List<DataSet> trained) {
        StringBuilder text = new StringBuilder("DPO has a policy of least loss if and only if no pair is separable.");
        for (DataSet data : trained) {
            double[] shares = all.stream()
                    .filter(other -> other.pairs() == data.pairs())
                    .mapToDouble(other -> 100 * other.share())
                    .toArray();
            int last = data.kl().length - 1;
            text.append(String.format(
                    Locale.ROOT,
                    " Of %d pairs %s %% are separable; KL is %.4g after %d steps and %.4g after %d",
                    data.pairs(),
                    TabularEfficiency.rounded(shares),
                    data.kl()[last - 1],
                    steps.get(last - 1),
                    data.kl()[last],
                    steps.get(last)));
            text.append(
                    data.isSeparable()
                            ? " and keeps growing."
                            : String.format(Locale.ROOT, ", %.4g at the minimum.", data.estimatedKl()));
        }
        return text.toString();
    }

    private Plot plot(List<DataSet> trained) {
        double[] at = steps.stream().mapToDouble(step -> step).toArray();
        List<PlotSeries> series = new ArrayList<>();
        for (DataSet data : trained) {
            series.add(PlotSeries.of("training on " + data.pairs() + " pairs", PlotStyle.LINE, at, data.kl()));
            if (!data.isSeparable()) {
                double[] level = new double[at.length];
                Arrays.fill(level, data.estimatedKl());
                series.add(PlotSeries.of("minimum for " + data.pairs() + " pairs", PlotStyle.DASHED, at, level));
            }
        }
        return new Plot(
                "separability",
                "KL divergence of DPO's policy from the reference against the number of steps with all pairs (β = "
                        + beta + "). It keeps growing where pairs are separable.",
                new PlotAxis("steps", PlotScale.LOGARITHMIC),
                new PlotAxis("KL(πθ‖π_ref), nats", PlotScale.LINEAR),
                series);
    }
}
