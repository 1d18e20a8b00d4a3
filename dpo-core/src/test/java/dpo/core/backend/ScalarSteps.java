package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;

/** Training steps of scalar models on synthetic gradients, for tests of backends. */
public final class ScalarSteps {

    private ScalarSteps() {}

    /** A measurement on a model with an accumulated gradient. */
    @FunctionalInterface
    interface Measurement {
        double of(ScalarModel model, Optimizer optimizer);
    }

    /** One fixed positive or negative number per value, different for each row. */
    public static double[][] gradient(double[][] values, int firstRow) {
        double[][] gradient = new double[values.length][];
        for (int row = 0; row < values.length; row++) {
            gradient[row] = new double[values[row].length];
            int number = firstRow + row;
            Arrays.setAll(gradient[row], i -> Math.sin(1 + 3 * i + 7 * number));
        }
        return gradient;
    }

    /** Back-propagates {@code sign · gradient} in micro-batches. */
    static void accumulate(ScalarModel model, List<TokenSequence> sequences, double sign, int parts) {
        int from = 0;
        for (int part = 1; part <= parts; part++) {
            int to = sequences.size() * part / parts;
            try (ScalarPass pass = model.forward(sequences.subList(from, to))) {
                double[][] gradient = gradient(pass.values(), from);
                for (double[] row : gradient) {
                    Arrays.setAll(row, i -> sign * row[i]);
                }
                pass.backward(gradient);
            }
            from = to;
        }
    }

    static void train(ScalarModel model, Optimizer optimizer, List<TokenSequence> sequences, int steps) {
        for (int step = 0; step < steps; step++) {
            accumulate(model, sequences, 1, 2);
            optimizer.step(0.01);
        }
    }

    /** Φ = Σ g_i v_i. */
    public static double value(double[][] values) {
        double[] weights = flat(gradient(values, 0));
        double[] numbers = flat(values);
        double sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            sum += weights[i] * numbers[i];
        }
        return sum;
    }

    static double[] flat(double[][] values) {
        return Arrays.stream(values).flatMapToDouble(Arrays::stream).toArray();
    }
}
