package dpo.lab.estimation;

import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Preference;
import dpo.core.setting.Inlined;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.PairInformation;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * DPO's estimate in the class of all Markov policies, from n pairs of a controlled world. The class has k = states ·
 * (vocabulary − 1) directions. For large n, with L the mean log-loss of the pairs, r the true reward and r̂ the estimate,
 *
 * <pre>
 *  2n (L(r) − L(r̂)) ~ χ²_k,     E[loss of r̂ on new pairs] − loss of r → k/(2n),
 *  n E[regret] → tr(Cov_π*(φ) I⁻¹)/(2β),     I = E[σ′(δ) D Dᵀ].
 * </pre>
 *
 * <p>The estimate is that of Bradley and Terry. The slope of the sigmoid loss in all logits of its policy shows that
 * the same policy has the least sigmoid loss, for every β.
 *
 * @param samples the data sets
 * @param evaluationPairs number of new pairs
 */
@Claim(
        name = "tabular-efficiency",
        claim = "DPO's sample efficiency: its regret falls as 1/n, by a constant that the Fisher information gives",
        source = "NeMo RL's page on DPO theory, sample efficiency; limits by Wilks 1938 and the delta method",
        verdict = Verdict.HOLDS)
public record TabularEfficiency(
        @Inlined LargeSamples samples,

        @Setting(about = "number of new pairs >= 1,000 for the excess loss", byDefault = "20000")
        int evaluationPairs)
        implements Experiment {

    /** Seed of the new pairs, away from those of the data sets. */
    private static final long NEW_PAIRS = -1;

    public TabularEfficiency {
        Requirement.atLeast("evaluation_pairs", evaluationPairs, 1000);
    }

    @Override
    public Outcome run() {
        ControlledWorld truth = samples.world().world();
        TransitionFeatures features = TransitionFeatures.ofPositions(truth.shape());
        List<Preference> fresh = EstimatedReward.pairs(truth, evaluationPairs, NEW_PAIRS);
        List<LikelihoodTrial> trials = samples.seeds()
                .mapToObj(seed -> LikelihoodTrial.of(truth, features, samples.pairs(), seed, fresh))
                .filter(trial -> trial.estimate().fit().isConverged())
                .toList();
        if (trials.size() < 2) {
            return new Outcome(
                    List.of(
                            without(trials),
                            ScaledRegrets.of("dpo", truth, features, samples.pairs(), samples.betas(), List.of())
                                    .constant()),
                    Verdict.HOLDS_UNDER,
                    "Fewer than two data sets have an estimate: in the others some pairs are separable, and DPO's loss"
                            + " has no minimum. The claim needs more pairs than " + samples.pairs() + ".");
        }
        ScaledRegrets regrets = ScaledRegrets.of(
                "dpo",
                truth,
                features,
                samples.pairs(),
                samples.betas(),
                trials.stream().map(LikelihoodTrial::estimate).toList());
        List<Quantity> quantities = new ArrayList<>(List.of(regrets.measured(), regrets.constant(), without(trials)));
        quantities.addAll(likelihood(features.count(), trials));
        quantities.addAll(losses(truth, fresh));
        LikelihoodTrial first = trials.get(0);
        quantities.addAll(
                SigmoidAtEstimate.quantities(first.estimate(), samples.data(first.seed()), samples.betas(), 0));
        boolean holds = quantities.stream().allMatch(Quantity::agrees);
        return new Outcome(quantities, holds ? Verdict.HOLDS : Verdict.FAILS, statement(features.count(), regrets))
                .with(plot(regrets));
    }

    private Quantity without(List<LikelihoodTrial> trials) {
        return Quantity.of(
                "without_estimate",
                "data sets whose separable pairs leave no estimate; not used",
                samples.dataSets() - trials.size());
    }

    private List<Quantity> likelihood(int directions, List<LikelihoodTrial> trials) {
        int number = trials.size();
        double[] ratios = trials.stream().mapToDouble(LikelihoodTrial::ratio).toArray();
        double mean = Arrays.stream(ratios).average().orElseThrow();
        double variance =
                Arrays.stream(ratios).map(x -> (x - mean) * (x - mean)).sum() / (number - 1);
        double[] excess = IntStream.range(0, evaluationPairs)
                .mapToDouble(j -> trials.stream()
                        .mapToDouble(trial -> trial.excess()[j])
                        .average()
                        .orElseThrow())
                .toArray();
        double excessMean = Arrays.stream(excess).average().orElseThrow();
        double error = Math.sqrt(Arrays.stream(excess)
                        .map(x -> (x - excessMean) * (x - excessMean))
                        .sum())
                / evaluationPairs;
        double higher = ScaledRegrets.higherOrder(directions, samples.pairs());
        double errors = ScaledRegrets.ERRORS * Math.sqrt(2.0 / directions / number);
        double limit = directions / (2.0 * samples.pairs());
        return List.of(
                ranging(
                        "likelihood_ratio",
                        "2n (L(r) − L(r̂)), mean over data sets; expected: the number of directions",
                        mean,
                        directions,
                        directions * (errors + higher / 2)),
                ranging(
                        "likelihood_ratio_variance",
                        "its variance over data sets, divided by that of χ²",
                        variance / (2 * directions),
                        1,
                        ScaledRegrets.ERRORS * Math.sqrt(2.0 / (number - 1)) + higher),
                ranging(
                        "excess_loss",
                        "loss of r̂ on new pairs minus that of r, nats; expected: directions / (2n)",
                        excessMean,
                        limit,
                        limit * (errors + higher) + ScaledRegrets.ERRORS * error));
    }

    private static Quantity ranging(String name, String meaning, double measured, double expected, double room) {
        return new Quantity(
                name,
                meaning,
                List.of(measured),
                false,
                List.of(Math.max(0, expected - room)),
                List.of(expected + room),
                List.of(expected));
    }

    private List<Quantity> losses(ControlledWorld truth, List<Preference> fresh) {
        double[] losses = Arrays.stream(LikelihoodTrial.gaps(truth, fresh))
                .map(gap -> -LogSpace.logSigmoid(gap))
                .toArray();
        double mean = Arrays.stream(losses).average().orElseThrow();
        double error = Math.sqrt(
                        Arrays.stream(losses).map(x -> (x - mean) * (x - mean)).sum())
                / fresh.size();
        return List.of(ranging(
                "bayes_loss",
                "log-loss of the true reward on new pairs, nats; expected: its exact mean, the least of any reward",
                mean,
                new PairInformation(truth).bayesLoss(),
                ScaledRegrets.ERRORS * error));
    }

    private String statement(int directions, ScaledRegrets regrets) {
        return String.format(
                Locale.ROOT,
                "With %d directions and n = %d the mean of n · regret is %s at β = %s; the limits are %s.",
                directions,
                samples.pairs(),
                rounded(regrets.means()),
                samples.betas(),
                rounded(regrets.constants()));
    }

    static String rounded(double[] values) {
        return Arrays.stream(values)
                .mapToObj(value -> String.format(Locale.ROOT, "%.4g", value))
                .toList()
                .toString();
    }

    private Plot plot(ScaledRegrets regrets) {
        return new Plot(
                "tabular-efficiency",
                "n · regret of DPO's estimate from n = " + samples.pairs()
                        + " pairs (mean over data sets with 95 % interval) and"
                        + " its limit by the Fisher information, against β.",
                new PlotAxis("β", PlotScale.LOGARITHMIC),
                new PlotAxis("n · regret", PlotScale.LOGARITHMIC),
                regrets.series());
    }
}
