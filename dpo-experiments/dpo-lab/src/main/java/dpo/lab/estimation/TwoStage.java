package dpo.lab.estimation;

import dpo.core.sequence.Preference;
import dpo.core.setting.Inlined;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Two-stage RLHF with the true class of rewards, which do not depend on the position, against DPO in the class of all
 * Markov policies, on the same pairs. RLHF fits the reward by maximum likelihood and takes its exact optimum; DPO's
 * estimate is that of the larger class. Both regrets fall as 1/n; the ratio of their constants is the ratio of the
 * numbers of pairs that they need for the same regret.
 *
 * @param samples the data sets
 */
@Claim(
        name = "two-stage",
        claim = "DPO needs no more pairs than RLHF, which has to fit a reward model first",
        source = "NeMo RL's page on DPO theory, comparison with RLHF; constants tr(Cov_π*(φ) I⁻¹)/(2β) of both classes",
        verdict = Verdict.FAILS)
public record TwoStage(@Inlined LargeSamples samples) implements Experiment {

    /** The estimates in both classes from one data set. */
    private record Both(long seed, EstimatedReward dpo, EstimatedReward rlhf) {}

    @Override
    public Outcome run() {
        ControlledWorld truth = samples.world().world();
        TransitionFeatures all = TransitionFeatures.ofPositions(truth.shape());
        TransitionFeatures tokens = TransitionFeatures.ofTokens(truth.shape());
        List<Both> estimates = samples.seeds()
                .mapToObj(seed -> both(truth, seed, all, tokens))
                .filter(both ->
                        both.dpo().fit().isConverged() && both.rlhf().fit().isConverged())
                .toList();
        Quantity without = Quantity.of(
                "without_estimate",
                "data sets whose separable pairs leave no estimate; not used",
                samples.dataSets() - estimates.size());
        if (estimates.size() < 2) {
            return new Outcome(
                    List.of(
                            without,
                            ScaledRegrets.of("rlhf", truth, tokens, samples.pairs(), samples.betas(), List.of())
                                    .constant(),
                            ScaledRegrets.of("dpo", truth, all, samples.pairs(), samples.betas(), List.of())
                                    .constant()),
                    Verdict.HOLDS_UNDER,
                    "Fewer than two data sets have an estimate in both classes: in the others some pairs are separable."
                            + " A comparison needs more pairs than " + samples.pairs() + ".");
        }
        ScaledRegrets dpo = ScaledRegrets.of(
                "dpo",
                truth,
                all,
                samples.pairs(),
                samples.betas(),
                estimates.stream().map(Both::dpo).toList());
        ScaledRegrets rlhf = ScaledRegrets.of(
                "rlhf",
                truth,
                tokens,
                samples.pairs(),
                samples.betas(),
                estimates.stream().map(Both::rlhf).toList());
        double[] ratios = new double[samples.betas().size()];
        Arrays.setAll(ratios, i -> dpo.constants()[i] / rlhf.constants()[i]);
        return outcome(dpo, rlhf, ratios, without, estimates.get(0));
    }

    private Both both(ControlledWorld truth, long seed, TransitionFeatures all, TransitionFeatures tokens) {
        List<Preference> data = samples.data(seed);
        return new Both(seed, EstimatedReward.of(truth, data, all, 0), EstimatedReward.of(truth, data, tokens, 0));
    }

    private Outcome outcome(ScaledRegrets dpo, ScaledRegrets rlhf, double[] ratios, Quantity without, Both first) {
        List<Quantity> quantities = new ArrayList<>(List.of(
                rlhf.measured(),
                dpo.measured(),
                rlhf.constant(),
                dpo.constant(),
                Quantity.of(
                        "pairs_ratio", "dpo_constant / rlhf_constant: pairs that DPO needs per pair of RLHF", ratios),
                without));
        quantities.addAll(SigmoidAtEstimate.quantities(first.dpo(), samples.data(first.seed()), samples.betas(), 0));
        boolean isWorse = Arrays.stream(ratios).anyMatch(ratio -> ratio > 1 + 1e-9);
        String statement = String.format(
                Locale.ROOT,
                "RLHF with the true reward class of %d directions has the constants %s at β = %s, DPO with %d directions"
                        + " %s: for large n DPO needs %s times as many pairs.",
                rlhf.directions(),
                TabularEfficiency.rounded(rlhf.constants()),
                samples.betas(),
                dpo.directions(),
                TabularEfficiency.rounded(dpo.constants()),
                TabularEfficiency.rounded(ratios));
        return new Outcome(quantities, isWorse ? Verdict.FAILS : Verdict.HOLDS_UNDER, statement).with(plot(dpo, rlhf));
    }

    private Plot plot(ScaledRegrets dpo, ScaledRegrets rlhf) {
        List<PlotSeries> series = new ArrayList<>();
        Stream.of(dpo, rlhf).forEach(each -> series.addAll(each.series()));
        return new Plot(
                "two-stage",
                "n · regret of DPO and of RLHF with the true reward class, from the same n = " + samples.pairs()
                        + " pairs (mean over data sets with 95 % interval), and their limits, against β.",
                new PlotAxis("β", PlotScale.LOGARITHMIC),
                new PlotAxis("n · regret", PlotScale.LOGARITHMIC),
                series);
    }
}
