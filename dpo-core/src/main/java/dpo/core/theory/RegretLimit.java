package dpo.core.theory;

/**
 * The limiting distribution of n · regret of an estimate from n pairs: a sum of squared normal variables, in units of the
 * reward.
 *
 * @param mean {@code tr(C I⁻¹) / (2β)}, C the covariance of the features under the optimum, I the Fisher information
 * @param deviation its standard deviation, {@code √(tr((C I⁻¹)²) / 2) / β}
 */
public record RegretLimit(double mean, double deviation) {}
