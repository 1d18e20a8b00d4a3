package dpo.lab.bandit;

import dpo.core.setting.Requirement;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** The setting {@code betas}: values of β that an experiment compares. */
final class Betas {

    private static final int POINTS = 41;

    private Betas() {}

    /** The values, after checking that there is one and all are positive. */
    static List<Double> required(List<Double> betas) {
        Requirement.holds(!betas.isEmpty(), "betas", "must hold at least one number", betas);
        betas.forEach(beta -> Requirement.positive("betas", beta));
        return List.copyOf(betas);
    }

    /** A function of each β. */
    static double[] map(List<Double> betas, DoubleUnaryOperator function) {
        return betas.stream().mapToDouble(function::applyAsDouble).toArray();
    }

    /** Values for a curve, from a third of the smallest to three times the largest, evenly spaced in logs. */
    static double[] around(List<Double> betas) {
        double low = Math.log(betas.stream().mapToDouble(beta -> beta).min().orElseThrow() / 3);
        double high = Math.log(betas.stream().mapToDouble(beta -> beta).max().orElseThrow() * 3);
        return IntStream.range(0, POINTS)
                .mapToDouble(i -> Math.exp(low + (high - low) * i / (POINTS - 1)))
                .toArray();
    }
}
