package dpo.core.tabular;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Ranks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** {@link AdamW} on one table of weights, in doubles. */
final class TabularOptimizer implements Optimizer {

    private static final String FILE = "tabular-adamw.bin";
    private static final String CONTENT = "AdamW: first moments, second moments, steps";

    private final AdamW settings;
    private final double[] weights;
    private final double[] gradient;
    private final double[] firstMoments;
    private final double[] secondMoments;
    private final Runnable afterStep;
    private final Runnable onClose;
    private List<double[]> shares = List.of();
    private long steps;
    private boolean closed;

    TabularOptimizer(AdamW settings, double[] weights, double[] gradient, Runnable afterStep, Runnable onClose) {
        this.settings = settings;
        this.weights = weights;
        this.gradient = gradient;
        this.firstMoments = new double[weights.length];
        this.secondMoments = new double[weights.length];
        this.afterStep = afterStep;
        this.onClose = onClose;
    }

    @Override
    public double step(double learningRate) {
        double norm = norm(gradient);
        if (Double.isFinite(norm)) {
            steps++;
            update(learningRate, Math.min(1, settings.maxGradNorm() / (norm + 1e-6)));
            afterStep.run();
        }
        Arrays.fill(gradient, 0);
        return norm;
    }

    @Override
    public void endShare() {
        shares = List.of(sum(Stream.concat(shares.stream(), Stream.of(gradient)).toList()));
        Arrays.fill(gradient, 0);
    }

    @Override
    public void sumGradient(Ranks ranks) {
        double[] sum = sum(ranks.count() == 1 ? shares : ranks.gather(gradient.clone()));
        System.arraycopy(sum, 0, gradient, 0, sum.length);
        shares = List.of();
    }

    private static double[] sum(List<double[]> parts) {
        double[] sum = parts.get(0).clone();
        for (double[] part : parts.subList(1, parts.size())) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += part[i];
            }
        }
        return sum;
    }

    private void update(double learningRate, double clip) {
        double beta1 = settings.betas().get(0);
        double beta2 = settings.betas().get(1);
        double correction1 = 1 - Math.pow(beta1, (double) steps);
        double correction2 = 1 - Math.pow(beta2, (double) steps);
        for (int i = 0; i < weights.length; i++) {
            double g = clip * gradient[i];
            weights[i] -= learningRate * settings.weightDecay() * weights[i];
            firstMoments[i] = beta1 * firstMoments[i] + (1 - beta1) * g;
            secondMoments[i] = beta2 * secondMoments[i] + (1 - beta2) * g * g;
            double mean = firstMoments[i] / correction1;
            weights[i] -= learningRate * mean / (Math.sqrt(secondMoments[i] / correction2) + settings.epsilon());
        }
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    @Override
    public void save(Path folder) {
        TableFile.write(folder.resolve(FILE), CONTENT, firstMoments, secondMoments, new double[] {steps});
    }

    @Override
    public void restore(Path folder) {
        double[][] tables = TableFile.read(folder.resolve(FILE), CONTENT, weights.length, weights.length, 1);
        System.arraycopy(tables[0], 0, firstMoments, 0, weights.length);
        System.arraycopy(tables[1], 0, secondMoments, 0, weights.length);
        steps = (long) tables[2][0];
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }
}
