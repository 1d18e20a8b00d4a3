package dpo.lab.sampling;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
import dpo.core.theory.SmoothFunction;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Policies with one parameter, {@code π_θ ∝ exp(θφ)}, from a uniform reference. RLHF and DPO choose
 *
 * <pre>
 *  RLHF   Cov_θ(r − βθφ, φ) = 0                                              the largest J_β(π_θ)
 *  DPO    E_{a,b}[(σ(r_a − r_b) − σ(βθ(φ_a − φ_b))) (φ_a − φ_b)] = 0        the least population loss
 * </pre>
 *
 * which are different policies unless r is an affine function of φ.
 *
 * @param rewards r
 * @param features φ
 * @param sampling weights of the answers in pairs
 * @param beta β, strength of the KL constraint
 */
@Claim(
        name = "restricted-class",
        claim = "DPO finds the policy of RLHF, the best of its class, whichever pairs are judged",
        source = "arXiv:2305.18290, section 4; derivation for π_θ ∝ exp(θφ)",
        verdict = Verdict.FAILS)
public record RestrictedClass(
        @Setting(about = "r: reward of each answer, finite", byDefault = "[0, 2, 1]")
        List<Double> rewards,

        @Setting(about = "φ: feature of each answer, finite", byDefault = "[0, 1, 2]")
        List<Double> features,

        @Setting(about = "weight >= 0 of each answer in pairs of two different ones", byDefault = "[1, 1, 1]")
        List<Double> sampling,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "1")
        double beta)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;
    private static final int CELLS = 2001;

    /** Below it no probability of a policy underflows. */
    private static final double LARGEST_LOGIT = 600;

    public RestrictedClass {
        rewards = List.copyOf(rewards);
        features = List.copyOf(features);
        sampling = List.copyOf(sampling);
        Requirement.holds(features.size() >= 2, "features", "must hold at least two numbers", features);
        Answers.numbers("features", features, features.size());
        Answers.numbers("rewards", rewards, features.size());
        Answers.numbers("sampling", sampling, features.size());
        Requirement.positive("beta", beta);
        requireComparable(features, sampling);
        double range = Collections.max(features) - Collections.min(features);
        Requirement.holds(
                bound(rewards, features, beta) * range < LARGEST_LOGIT,
                "beta",
                "must be so large that (max r − min r + 1)(max φ − min φ)/(β min |φ_a − φ_b|) < " + LARGEST_LOGIT,
                beta,
                "rewards",
                "features");
    }

    private static void requireComparable(List<Double> features, List<Double> sampling) {
        Requirement.holds(
                sampling.stream().allMatch(weight -> weight >= 0), "sampling", "must hold numbers >= 0", sampling);
        long different = IntStream.range(0, sampling.size())
                .filter(a -> sampling.get(a) > 0)
                .mapToObj(features::get)
                .distinct()
                .count();
        Requirement.holds(
                different >= 2, "sampling", "must give pairs of answers with different features", sampling, "features");
    }

    @Override
    public Outcome run() {
        double[] uniform = new double[rewards.size()];
        Arrays.fill(uniform, 1.0 / uniform.length);
        RewardObjective objective = new RewardObjective(uniform, Answers.array(rewards), beta);
        double rlhf = largest(objective, slope(along(objective)));
        double dpo = root(slope(loss(uniform)), -bound(), bound());
        double rlhfExpected = largest(objective, this::rlhfSlope);
        double dpoExpected = root(this::dpoSlope, -bound(), bound());
        double[] optimum = PopulationLoss.policy(objective.optimum());
        boolean agree = Math.abs(rlhf - dpo) <= 1e-7 * Math.max(1, Math.abs(rlhf));
        double rlhfRegret = objective.regret(logits(rlhf));
        double dpoRegret = objective.regret(logits(dpo));
        return new Outcome(
                        List.of(
                                Quantity.near(
                                        "rlhf_parameter", "θ of the largest J_β(π_θ)", rlhf, rlhfExpected, TOLERANCE),
                                Quantity.near(
                                        "rlhf_regret",
                                        "J_β(π*_β) − J_β(π_θ) there",
                                        rlhfRegret,
                                        beta * RewardObjective.kl(policy(rlhfExpected), optimum),
                                        TOLERANCE),
                                Quantity.near(
                                        "dpo_parameter",
                                        "θ of the least population loss of DPO",
                                        dpo,
                                        dpoExpected,
                                        TOLERANCE),
                                Quantity.near(
                                        "dpo_regret",
                                        "J_β(π*_β) − J_β(π_θ) there",
                                        dpoRegret,
                                        beta * RewardObjective.kl(policy(dpoExpected), optimum),
                                        TOLERANCE)),
                        agree ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        agree
                                ? "Both find θ = " + Quantity.shown(rlhf)
                                        + "; in general they do only if the rewards are an affine function of the"
                                        + " features."
                                : "Counterexample: RLHF finds θ = " + Quantity.shown(rlhf) + " with regret "
                                        + Quantity.shown(rlhfRegret) + ", DPO on these pairs θ = " + Quantity.shown(dpo)
                                        + " with regret " + Quantity.shown(dpoRegret) + ".")
                .with(plot(objective, rlhf, dpo));
    }

    /** The logits of π_θ. */
    private double[] logits(double theta) {
        return features.stream().mapToDouble(feature -> theta * feature).toArray();
    }

    private double[] policy(double theta) {
        return PopulationLoss.policy(logits(theta));
    }

    private SmoothFunction loss(double[] uniform) {
        List<AnswerPair> pairs = AnswerPair.bradleyTerry(Answers.array(sampling), Answers.array(rewards));
        return along(new PopulationLoss(new SigmoidLoss(beta, 0), uniform, pairs));
    }

    /** A function of the policy's logits as a function of θ. */
    private SmoothFunction along(SmoothFunction ofLogits) {
        return ofLogits.along(new double[features.size()], Answers.array(features));
    }

    private static DoubleUnaryOperator slope(SmoothFunction ofTheta) {
        return theta -> ofTheta.at(new double[] {theta}).gradient()[0];
    }

    /** The θ of the largest J among those at which a derivative of −J changes from negative to positive. */
    private double largest(RewardObjective objective, DoubleUnaryOperator slope) {
        double best = Double.NaN;
        double least = Double.POSITIVE_INFINITY;
        double width = 2 * bound() / CELLS;
        for (int cell = 0; cell < CELLS; cell++) {
            double low = -bound() + cell * width;
            double high = low + width;
            if (slope.applyAsDouble(low) < 0 && slope.applyAsDouble(high) >= 0) {
                double root = root(slope, low, high);
                double value = objective.at(logits(root)).value();
                if (value < least) {
                    least = value;
                    best = root;
                }
            }
        }
        return best;
    }

    private double bound() {
        return bound(rewards, features, beta);
    }

    /**
     * Both solutions are within this distance of 0: there βθ is a weighted mean of the slopes of r against φ, which are
     * at most (max r − min r) / min |φ_a − φ_b| over different features.
     */
    private static double bound(List<Double> rewards, List<Double> features, double beta) {
        double least = Double.POSITIVE_INFINITY;
        for (double first : features) {
            for (double second : features) {
                least = first == second ? least : Math.min(least, Math.abs(first - second));
            }
        }
        return (Collections.max(rewards) - Collections.min(rewards) + 1) / (beta * least);
    }

    /** {@code βθ − Cov_θ(r, φ) / Var_θ(φ)}, both as sums over pairs of answers, in which nothing cancels. */
    private double rlhfSlope(double theta) {
        double[] policy = policy(theta);
        double covariance = 0;
        double variance = 0;
        for (int a = 0; a < policy.length; a++) {
            for (int b = 0; b < a; b++) {
                double step = features.get(a) - features.get(b);
                covariance += policy[a] * policy[b] * step * (rewards.get(a) - rewards.get(b));
                variance += policy[a] * policy[b] * step * step;
            }
        }
        return beta * theta - covariance / variance;
    }

    /** The sum of {@code (σ(βθ(φ_a − φ_b)) − σ(r_a − r_b)) (φ_a − φ_b)} over pairs. */
    private double dpoSlope(double theta) {
        double sum = 0;
        for (int a = 0; a < sampling.size(); a++) {
            for (int b = 0; b < a; b++) {
                double step = features.get(a) - features.get(b);
                double gap = rewards.get(a) - rewards.get(b);
                double margin = beta * theta * step;
                // σ(x) − σ(y) = σ(x) σ(−y) − σ(y) σ(−x) is exact where both are near 1.
                double difference = LogSpace.sigmoid(margin) * LogSpace.sigmoid(-gap)
                        - LogSpace.sigmoid(gap) * LogSpace.sigmoid(-margin);
                sum += sampling.get(a) * sampling.get(b) * difference * step;
            }
        }
        return sum;
    }

    private static double root(DoubleUnaryOperator function, double low, double high) {
        return new BracketingNthOrderBrentSolver(1e-15, 1e-15, 1e-300, 5)
                .solve(500, function::applyAsDouble, low, high);
    }

    private Plot plot(RewardObjective objective, double rlhf, double dpo) {
        double centre = (rlhf + dpo) / 2;
        double width = Math.max(1, 2 * Math.abs(rlhf - dpo));
        double[] thetas = IntStream.rangeClosed(-50, 50)
                .mapToDouble(i -> centre + width * i / 50)
                .toArray();
        return new Plot(
                "restricted-class",
                "Regret of the policies π_θ ∝ exp(θφ) against θ, and the policies that RLHF and DPO find.",
                new PlotAxis("θ", PlotScale.LINEAR),
                new PlotAxis("regret J_β(π*_β) − J_β(π_θ)", PlotScale.LINEAR),
                List.of(
                        PlotSeries.of(
                                "policies of the class",
                                PlotStyle.LINE,
                                thetas,
                                DoubleStream.of(thetas)
                                        .map(theta -> objective.regret(logits(theta)))
                                        .toArray()),
                        PlotSeries.of("RLHF", PlotStyle.MARKS, new double[] {rlhf}, new double[] {
                            objective.regret(logits(rlhf))
                        }),
                        PlotSeries.of(
                                "DPO", PlotStyle.MARKS, new double[] {dpo}, new double[] {objective.regret(logits(dpo))
                                })));
    }
}
