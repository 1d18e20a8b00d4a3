package dpo.lab.bandit;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.theory.AnswerFisher;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Bandit;
import dpo.core.theory.Hessian;
import dpo.core.theory.PopulationLoss;
import dpo.lab.Claim;
import dpo.lab.Experiment;
import dpo.lab.Outcome;
import dpo.lab.Quantity;
import dpo.lab.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/**
 * Gradient descent on DPO's population loss over the logits of a policy with K answers; pairs of two different answers
 * of the reference, labels from the Bradley–Terry model. The loss has one minimum up to a constant of all logits, π*_β,
 * with the Hessian
 *
 * <pre>
 *  H = β² Σ_{a<b} w_ab σ′(r_a − r_b) (e_a − e_b)(e_a − e_b)ᵀ,
 *  w_ab = π_ref(a) π_ref(b) / Σ_{c<d} π_ref(c) π_ref(d).
 * </pre>
 *
 * So a step size above {@code 2/λ_max(H)} does not converge to it, and one below does from nearby. It does from
 * everywhere if it is also below {@code 2/λ_max} of the largest curvature, where all σ′ are ¼.
 *
 * @param reference π_ref
 * @param rewards r
 * @param beta β
 * @param stepShare the step size that should converge, as a share of the critical one
 * @param excess the step size that should not, as a multiple of the critical one
 * @param mostSteps number of steps after which a descent ends
 * @param starts number of random starts
 * @param seed seed of the random starts
 */
@Claim(
        name = "convergence",
        claim = "Under an appropriate learning rate DPO converges to the policy that maximises alignment, π*_β",
        source = "NeMo RL's page on DPO theory, theorem on preference learning; critical step size 2/λ_max(H)",
        verdict = Verdict.HOLDS_UNDER)
public record Convergence(
        @Setting(about = "π_ref: positive numbers, divided by their sum", byDefault = "[0.5, 0.3, 0.2]")
        List<Double> reference,

        @Setting(about = "r: reward of each answer", byDefault = "[0, 1, 3]")
        List<Double> rewards,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "1")
        double beta,

        @Setting(about = "in (0, 1): step size that should converge, as a share of the critical one", byDefault = "0.5")
        double stepShare,

        @Setting(about = "above 1: step size that should not, as a multiple of the critical one", byDefault = "1.05")
        double excess,

        @Setting(about = "number of steps of a descent, at least 1", byDefault = "20000")
        int mostSteps,

        @Setting(about = "number of random starts, at least 1", byDefault = "20")
        int starts,

        @Setting(about = "seed of the random starts", byDefault = "0")
        long seed)
        implements Experiment {

    private static final double TOLERANCE = 1e-9;

    /** KL divergence from the optimum at which a descent from the uniform policy has converged. */
    private static final double CONVERGED = 1e-8;

    /** The same for descents from random logits, which are normal with a standard deviation of 2. */
    private static final double CONVERGED_FROM_ANYWHERE = 1e-12;

    private static final double DEVIATION = 2;

    /** Least probability of an answer under π* at which logits far from the optimum show in the KL divergence. */
    private static final double VISIBLE = 1e-4;

    /** Number of time constants of the slowest direction within which every descent has converged. */
    private static final double ENOUGH = 200;

    public Convergence {
        reference = List.copyOf(reference);
        rewards = List.copyOf(rewards);
        new Bandit(reference, rewards);
        Requirement.positive("beta", beta);
        Requirement.holds(stepShare > 0 && stepShare < 1, "step_share", "must be in (0, 1)", stepShare);
        Requirement.holds(excess > 1 && excess <= 100, "excess", "must be above 1 and at most 100", excess);
        Requirement.atLeast("most_steps", mostSteps, 1);
        Requirement.atLeast("starts", starts, 1);
    }

    @Override
    public Outcome run() {
        Bandit bandit = new Bandit(reference, rewards);
        PopulationLoss loss = new PopulationLoss(
                new SigmoidLoss(beta, 0),
                bandit.reference(),
                AnswerPair.bradleyTerry(bandit.reference(), bandit.rewards()));
        double[] eigenvalues = nonZero(hessian(bandit.reference(), bandit.rewards()));
        double critical = 2 / eigenvalues[eigenvalues.length - 1];
        Descents descents = new Descents(loss, bandit.optimum(beta));
        double[] uniform = new double[reference.size()];
        GradientDescent.End below = descents.from(uniform, stepShare * critical, CONVERGED, mostSteps);
        GradientDescent.End above = descents.from(uniform, excess * critical, CONVERGED, mostSteps);
        double worst = worstOfRandomStarts(descents, stepShare * critical);
        boolean converges = below.distance() < CONVERGED && worst < CONVERGED_FROM_ANYWHERE;
        List<Quantity> quantities = new ArrayList<>();
        quantities.add(Quantity.near(
                "eigenvalues",
                "of the Hessian at the minimum, without that of a constant, by differences",
                nonZero(Hessian.at(loss, loss.minimum().point())),
                eigenvalues,
                TOLERANCE));
        quantities.add(Quantity.near(
                "critical_step",
                "step size above which descent moves away from the minimum, by bisection; expected: 2/λ_max",
                descents.criticalStep(critical / 4, critical * 4),
                critical,
                1e-7));
        quantities.addAll(ofDescents(below, above, worst, isSure(bandit, eigenvalues)));
        return new Outcome(
                        quantities,
                        converges || !isLongEnough(eigenvalues) ? Verdict.HOLDS_UNDER : Verdict.FAILS,
                        converges || isLongEnough(eigenvalues)
                                ? statement(converges, critical, below, above, worst)
                                : tooShort(eigenvalues, below, worst))
                .with(descents.plot(critical, stepShare, excess));
    }

    /** What descents from afar find; at some settings theory predicts it. */
    private List<Quantity> ofDescents(
            GradientDescent.End below, GradientDescent.End above, double worst, boolean isSure) {
        double none = Double.POSITIVE_INFINITY;
        boolean isVisible = above.steps() > 0
                && DoubleStream.of(new Bandit(reference, rewards).optimum(beta)).allMatch(each -> each > VISIBLE);
        return List.of(
                Quantity.ranging(
                        "steps",
                        "from the uniform policy to a KL below 1e-8 at step_share",
                        below.distance() < CONVERGED ? below.steps() : none,
                        0,
                        isSure ? mostSteps : none),
                Quantity.ranging(
                        "kl_of_random_starts",
                        "largest KL(π‖π*) from random logits at step_share, nats",
                        worst,
                        0,
                        isSure ? CONVERGED_FROM_ANYWHERE : none),
                Quantity.ranging(
                        "kl_above",
                        "KL(π‖π*) from the uniform policy after most_steps at excess, nats",
                        above.distance(),
                        isVisible ? CONVERGED : 0,
                        none));
    }

    /** Whether the step size at step_share must converge from everywhere, within the number of steps. */
    private boolean isSure(Bandit bandit, double[] eigenvalues) {
        double largest = eigenvalues[eigenvalues.length - 1];
        double[] anywhere = nonZero(hessian(bandit.reference(), new double[reference.size()]));
        boolean descends = stepShare / largest < 1 / anywhere[anywhere.length - 1];
        return descends && isLongEnough(eigenvalues);
    }

    /** Whether a descent near the minimum ends within the number of steps. */
    private boolean isLongEnough(double[] eigenvalues) {
        return mostSteps * 2 * stepShare * eigenvalues[0] / eigenvalues[eigenvalues.length - 1] > ENOUGH;
    }

    private String statement(
            boolean converges, double critical, GradientDescent.End below, GradientDescent.End above, double worst) {
        String share = Quantity.shown(stepShare) + " of the critical step size 2/λ_max = " + Quantity.shown(critical);
        return converges
                ? "Near the minimum descent returns with a step size below 2/λ_max = " + Quantity.shown(critical)
                        + " and moves away above it. From the uniform policy the KL is below 1e-8 after "
                        + below.steps() + " steps at " + Quantity.shown(stepShare) + " of it, and "
                        + Quantity.shown(above.distance()) + " after " + above.steps() + " steps at "
                        + Quantity.shown(excess) + " of it."
                : "Counterexample: at " + share + " the KL is " + Quantity.shown(below.distance()) + " after "
                        + below.steps() + " steps from the uniform policy, and " + Quantity.shown(worst)
                        + " from the worst of " + starts + " random starts.";
    }

    private String tooShort(double[] eigenvalues, GradientDescent.End below, double worst) {
        double slowest = eigenvalues[eigenvalues.length - 1] / eigenvalues[0];
        return "Not decided: the largest curvature is " + Quantity.shown(slowest) + " times the smallest, so "
                + mostSteps + " steps are too few. The KL is " + Quantity.shown(below.distance()) + " after "
                + below.steps() + " steps from the uniform policy, and " + Quantity.shown(worst)
                + " from the worst of " + starts + " random starts.";
    }

    private double worstOfRandomStarts(Descents descents, double step) {
        RandomGenerator random = new RandomStreams(seed).stream("starts");
        double worst = 0;
        for (int start = 0; start < starts; start++) {
            double[] logits = new double[reference.size()];
            Arrays.setAll(logits, a -> DEVIATION * random.nextGaussian());
            worst = Math.max(
                    worst,
                    descents.from(logits, step, CONVERGED_FROM_ANYWHERE, mostSteps)
                            .distance());
        }
        return worst;
    }

    /** {@code β² I}, I the Fisher information about rewards. */
    private double[][] hessian(double[] sampling, double[] gaps) {
        double[][] hessian = AnswerFisher.information(sampling, gaps);
        for (double[] row : hessian) {
            Arrays.setAll(row, i -> beta * beta * row[i]);
        }
        return hessian;
    }

    /** The eigenvalues except the smallest, which belongs to a constant of all logits; ascending. */
    private static double[] nonZero(double[][] hessian) {
        double[] ascending = Hessian.eigenvalues(hessian);
        Arrays.sort(ascending);
        return Arrays.copyOfRange(ascending, 1, ascending.length);
    }
}
