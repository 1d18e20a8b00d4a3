package dpo.statistics;

import java.util.Arrays;

/**
 * The mean over several worlds, tasks or data sets that stand for all of their kind: y = μ + world + seed(world), SE² =
 * σ²_world/W + σ²_seed/(W·S). The unit of replication is the world; more seeds do not replace worlds.
 *
 * <p>The mean alone is {@link IntervalKind#CI95} of the means of the worlds, as tables show it. The components say what
 * narrows it: more worlds, or more seeds of each.
 *
 * @param mean μ with its 95 % interval, n the number of worlds; each world has the same weight
 * @param worldVariance σ²_world, at least zero; NaN if it cannot be estimated
 * @param seedVariance σ²_seed, pooled over the worlds; NaN if no world has several seeds
 */
public record RandomEffect(Interval mean, double worldVariance, double seedVariance) {

    /**
     * The random effect of the worlds.
     *
     * @param values {@code [world][seed]}; worlds may have different numbers of seeds
     */
    public static RandomEffect of(double[][] values) {
        double[] means = Arrays.stream(values).mapToDouble(Sample::mean).toArray();
        int df = Arrays.stream(values).mapToInt(world -> world.length - 1).sum();
        double within = Arrays.stream(values).mapToDouble(Sample::squares).sum() / df;
        double inverse =
                Arrays.stream(values).mapToDouble(world -> 1.0 / world.length).sum() / values.length;
        // Var of a world's mean: σ²_world + σ²_seed·(1/S).
        double between = values.length < 2 ? Double.NaN : Math.max(0, Sample.variance(means) - within * inverse);
        return new RandomEffect(IntervalKind.CI95.of(means), between, within);
    }
}
