package dpo.lab.labels;

import dpo.core.loss.Reduction;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
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
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Two answers of which a is always chosen. DPO's loss then has no minimum: under the gradient flow {@code dΔ/dt = β
 * σ(−βΔ)} from the reference the reward margin x = βΔ solves
 *
 * <pre>  x + e^x = 1 + β²t,</pre>
 *
 * so it grows without bound, and {@code KL(π‖π_ref) → −log π_ref(a)} for every β. IPO stops at {@code Δ = 1/(2τ)}.
 *
 * @param referenceRatio ρ, the reference's probability of a divided by that of b
 * @param betas the values of β
 * @param scaledTime β²t at which the flow is observed
 * @param taus the values of τ of IPO
 */
@Claim(
        name = "deterministic-labels",
        claim = "A larger β keeps DPO's policy nearer to the reference, whatever the labels are",
        source = "arXiv:2310.12036, section 4.2; flow: derivative of the loss, integrated",
        verdict = Verdict.FAILS)
public record DeterministicLabels(
        @Setting(about = "ρ > 0: π_ref of the chosen answer divided by that of the other", byDefault = "1")
        double referenceRatio,

        @Setting(about = "β from 0.001 to 10: strength of the KL constraint", byDefault = "[0.1, 0.5, 1]")
        List<Double> betas,

        @Setting(about = "β²t > 0: time of the gradient flow at which it is observed, at most 1e12", byDefault = "100")
        double scaledTime,

        @Setting(about = "τ > 0 of IPO", byDefault = "[0.1, 1]")
        List<Double> taus)
        implements Experiment {

    private static final double TOLERANCE = 1e-8;

    /** Logit of a at which its probability is 1 to rounding. */
    private static final double CERTAIN = 40;

    public DeterministicLabels {
        betas = List.copyOf(betas);
        taus = List.copyOf(taus);
        Requirement.positive("reference_ratio", referenceRatio);
        Requirement.holds(!betas.isEmpty(), "betas", "must hold at least one number", betas);
        betas.forEach(beta -> Requirement.between("betas", beta, 1e-3, 10));
        Requirement.positive("scaled_time", scaledTime);
        Requirement.holds(scaledTime <= 1e12, "scaled_time", "must be at most 1e12", scaledTime);
        Requirement.holds(!taus.isEmpty(), "taus", "must hold at least one number", taus);
        taus.forEach(tau -> Requirement.positive("taus", tau));
    }

    @Override
    public Outcome run() {
        double x = solution(scaledTime);
        double[] margins = each(betas, beta -> beta * flow(beta).marginsAt(scaledTime)[0]);
        double[] limits = each(betas, beta -> divergence(flow(beta).marginBeyond(CERTAIN + Math.abs(logRatio()))));
        double limit = Math.log1p(1 / referenceRatio);
        double spread = DoubleStream.of(limits).max().orElseThrow()
                - DoubleStream.of(limits).min().orElseThrow();
        return new Outcome(
                        List.of(
                                near(
                                        "margin",
                                        "βΔ of DPO at scaled_time for each β; expected: x + e^x = 1 + β²t",
                                        margins,
                                        each(betas, beta -> x)),
                                near(
                                        "kl",
                                        "KL(π‖π_ref) of DPO at scaled_time for each β, nats",
                                        each(
                                                betas,
                                                beta -> divergence(flow(beta).marginsAt(scaledTime)[0])),
                                        each(betas, beta -> divergence(x / beta))),
                                near(
                                        "kl_limit",
                                        "KL(π‖π_ref) of DPO in the end for each β, nats; expected: −log π_ref(a)",
                                        limits,
                                        each(betas, beta -> limit)),
                                near(
                                        "ipo_probability",
                                        "π(a) at IPO's minimum for each τ; expected: π_ref(a) e^(1/(2τ)) / Z",
                                        each(taus, this::ipo),
                                        each(taus, tau -> LogSpace.sigmoid(logRatio() + 1 / (2 * tau))))),
                        spread < TOLERANCE ? Verdict.FAILS : Verdict.HOLDS,
                        "DPO's margin grows without bound, and its KL reaches " + Quantity.shown(limit)
                                + " nats for every β, which sets only the time that it takes. IPO stops at π(a) = "
                                + Quantity.shown(ipo(taus.get(0))) + " for τ = " + Quantity.shown(taus.get(0)) + ".")
                .with(plot());
    }

    private static Quantity near(String name, String meaning, double[] measured, double[] expected) {
        return Quantity.near(name, meaning, measured, expected, TOLERANCE);
    }

    private static double[] each(List<Double> values, DoubleUnaryOperator function) {
        return values.stream().mapToDouble(function::applyAsDouble).toArray();
    }

    private double logRatio() {
        return Math.log(referenceRatio);
    }

    private double[] reference() {
        return new TwoAnswers(referenceRatio, 1).reference();
    }

    private MarginFlow flow(double beta) {
        return new MarginFlow(
                new PopulationLoss(new SigmoidLoss(beta, 0), reference(), List.of(new AnswerPair(0, 1, 1))),
                logRatio(),
                beta * beta);
    }

    private double ipo(double tau) {
        List<AnswerPair> pairs = List.of(new AnswerPair(0, 1, 1));
        double[] logits = new PopulationLoss(new IpoLoss(tau, Reduction.SUM), reference(), pairs)
                .minimum()
                .point();
        return PopulationLoss.policy(logits)[0];
    }

    private double divergence(double margin) {
        double logit = logRatio() + margin;
        return RewardObjective.kl(new double[] {LogSpace.sigmoid(logit), LogSpace.sigmoid(-logit)}, reference());
    }

    /** The root x of {@code x + e^x = 1 + β²t}. */
    private static double solution(double scaledTime) {
        return new BracketingNthOrderBrentSolver(1e-15, 1e-15, 5)
                .solve(200, x -> x + Math.expm1(x) - scaledTime, 0, Math.log1p(scaledTime) + 1);
    }

    private Plot plot() {
        double[] times = IntStream.rangeClosed(0, 40)
                .mapToDouble(i -> Math.pow(10, i / 5.0 - 2))
                .toArray();
        return new Plot(
                "deterministic-labels",
                "KL divergence from the reference of DPO's policy during gradient flow on labels that are certain; it"
                        + " ends at " + Quantity.shown(Math.log1p(1 / referenceRatio)) + " nats for every β.",
                new PlotAxis("time t", PlotScale.LOGARITHMIC),
                new PlotAxis("KL(π‖π_ref), nats", PlotScale.LINEAR),
                betas.stream()
                        .map(beta -> PlotSeries.of(
                                "β = " + Quantity.shown(beta),
                                PlotStyle.LINE,
                                times,
                                DoubleStream.of(flow(beta).marginsAt(scaled(times, beta)))
                                        .map(this::divergence)
                                        .toArray()))
                        .toList());
    }

    private static double[] scaled(double[] times, double beta) {
        return DoubleStream.of(times).map(t -> beta * beta * t).toArray();
    }
}
