package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One prompt with K answers: their probabilities under the reference π_ref, and a number for each, the reward r. All
 * expectations are finite sums. The policies that reach the largest E_π[r] at their KL divergence from π_ref are
 *
 * <pre>  π*_β ∝ π_ref exp(r/β)      (arXiv:2305.18290, eq. 4)</pre>
 *
 * Divergences are in nats.
 */
public final class Bandit {

    private final double[] reference;
    private final double[] rewards;

    /**
     * Answers with their rewards.
     *
     * @param reference π_ref, {@code [answer]}, positive numbers, which are divided by their sum
     * @param rewards r, {@code [answer]}, finite
     * @throws dpo.core.setting.SettingException if one is not, the lengths differ, or there are fewer than two answers
     */
    public Bandit(List<Double> reference, List<Double> rewards) {
        this.reference = probabilities("reference", reference);
        Requirement.holds(
                rewards.size() == reference.size(),
                "rewards",
                "must hold one number per answer of the reference (" + reference.size() + ")",
                rewards,
                "reference");
        Requirement.holds(rewards.stream().allMatch(Double::isFinite), "rewards", "must hold finite numbers", rewards);
        this.rewards = rewards.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The same answers with another number for each instead of the reward. */
    public Bandit withRewards(double[] others) {
        return new Bandit(
                DoubleStream.of(reference).boxed().toList(),
                DoubleStream.of(others).boxed().toList());
    }

    /**
     * Positive numbers divided by their sum.
     *
     * @param name name of the setting, for messages
     * @throws dpo.core.setting.SettingException if one is not positive and finite, or there are fewer than two
     */
    public static double[] probabilities(String name, List<Double> values) {
        Requirement.holds(values.size() >= 2, name, "must hold at least two probabilities", values);
        Requirement.holds(
                values.stream().allMatch(each -> each > 0 && each < Double.POSITIVE_INFINITY),
                name,
                "must hold positive numbers",
                values);
        double sum = values.stream().mapToDouble(Double::doubleValue).sum();
        return values.stream().mapToDouble(each -> each / sum).toArray();
    }

    /** Number of answers K. */
    public int answers() {
        return reference.length;
    }

    /** π_ref. */
    public double[] reference() {
        return reference.clone();
    }

    /** r. */
    public double[] rewards() {
        return rewards.clone();
    }

    /**
     * {@code π*_β ∝ π_ref exp(r/β)}.
     *
     * @param beta β &gt; 0
     */
    public double[] optimum(double beta) {
        double[] logs = new double[reference.length];
        for (int a = 0; a < logs.length; a++) {
            logs[a] = Math.log(reference[a]) + rewards[a] / beta;
        }
        return PopulationLoss.policy(logs);
    }

    /** {@code E_π[r]}. */
    public double reward(double[] policy) {
        return mean(policy, rewards);
    }

    /** {@code KL(π ‖ π_ref)}. */
    public double divergence(double[] policy) {
        return RewardObjective.kl(policy, reference);
    }

    /** {@code Σ p_a x_a}. */
    public static double mean(double[] p, double[] x) {
        return IntStream.range(0, p.length).mapToDouble(a -> p[a] * x[a]).sum();
    }

    /**
     * {@code q(a) = E_{b∼π_ref} σ(r_a − r_b)}: the probability that an answer is preferred to one drawn from the
     * reference, by the Bradley–Terry model; ½ against itself.
     */
    public double[] winRates() {
        return IntStream.range(0, rewards.length)
                .mapToDouble(a -> IntStream.range(0, rewards.length)
                        .mapToDouble(b -> reference[b] * LogSpace.sigmoid(rewards[a] - rewards[b]))
                        .sum())
                .toArray();
    }

    /** The upper limit of {@code KL(π*_β ‖ π_ref)}, for β → 0: −log of the probability of the best answers. */
    public double greatestDivergence() {
        double best = DoubleStream.of(rewards).max().orElseThrow();
        return -Math.log(IntStream.range(0, rewards.length)
                .filter(a -> rewards[a] == best)
                .mapToDouble(a -> reference[a])
                .sum());
    }

    /**
     * The β at which {@code KL(π*_β ‖ π_ref)} has a given value.
     *
     * @param kl in (0, {@link #greatestDivergence})
     * @throws dpo.core.setting.SettingException if it is not
     */
    public double betaAt(double kl) {
        double most = greatestDivergence();
        Requirement.holds(
                kl > 0 && kl < most * (1 - 1e-12),
                "kl",
                "must be above 0 and below that of the best answers, " + most,
                kl,
                "reference",
                "rewards");
        return KlConstraint.beta(beta -> divergence(optimum(beta)), kl);
    }
}
