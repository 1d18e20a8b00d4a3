package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Compares the same LSTM on nd4j and libtorch, on one thread: {@code speed} prints tokens per second in turn and the
 * largest differences of log-probs and gradients, {@code memory nd4j 4000} and {@code memory libtorch 4000} the memory
 * along 4,000 steps on rows of ever new lengths. A step is a forward and a backward pass and AdamW.
 */
final class LstmBenchmark implements AutoCloseable {

    private static final int VOCABULARY = 2000;
    private static final int WIDTH = 128;
    private static final double RATE = 1e-3;

    private final Policy policy;
    private final Optimizer optimizer;
    private final TorchLstm torch;
    private final Random random = new Random(1);

    private LstmBenchmark() {
        FreshNetwork settings = new FreshNetwork(
                FreshNetworks.settings(LayerKind.LSTM, 8).tokenizer(),
                VOCABULARY,
                128,
                LayerKind.LSTM,
                WIDTH,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        this.policy = FreshNetworks.BACKEND.open(Nd4jModel.of(settings, Precision.FLOAT32), new Execution("cpu", 1), 1);
        this.optimizer = policy.optimizer(new AdamW(RATE, List.of(0.9, 0.999), 1e-8, 0, Double.MAX_VALUE));
        this.torch = new TorchLstm(policy, RATE);
    }

    public static void main(String[] arguments) {
        org.bytedeco.pytorch.global.torch.set_num_threads(1);
        try (LstmBenchmark benchmark = new LstmBenchmark()) {
            if (arguments[0].equals("memory")) {
                benchmark.memory(arguments[1].equals("nd4j"), Integer.parseInt(arguments[2]));
            } else {
                benchmark.accuracy(new Rows(benchmark.random, 16, 64, 64));
                benchmark.speed(new Rows(benchmark.random, 16, 64, 64));
            }
        }
    }

    /** Rows of tokens: a prompt of one token, and completions of unequal lengths. */
    private static final class Rows {

        private final int[][] ids;
        private final double[][] gradient;

        Rows(Random random, int rows, int shortest, int longest) {
            this.ids = new int[rows][];
            this.gradient = new double[rows][];
            for (int row = 0; row < rows; row++) {
                int length = shortest + random.nextInt(longest - shortest + 1);
                ids[row] = random.ints(length + 1L, 0, VOCABULARY).toArray();
                gradient[row] = random.doubles(length, -1, 1).toArray();
            }
        }

        List<TokenSequence> sequences() {
            return Arrays.stream(ids)
                    .map(row -> TokenSequence.of(new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)))
                    .toList();
        }

        double[] gradient(int length) {
            return Arrays.stream(gradient)
                    .flatMapToDouble(row -> Arrays.stream(length == 0 ? row : Arrays.copyOf(row, length)))
                    .toArray();
        }

        int longest() {
            return Arrays.stream(gradient).mapToInt(row -> row.length).max().orElseThrow();
        }

        int tokens() {
            return Arrays.stream(gradient).mapToInt(row -> row.length).sum();
        }
    }

    private double[] nd4j(Rows rows) {
        double[] logProbs;
        try (ForwardPass pass = policy.forward(rows.sequences())) {
            logProbs = pass.logProbs().toArray();
            pass.backward(TokenGradient.of(pass.logProbs().shape(), rows.gradient(0)));
        }
        optimizer.step(RATE);
        return logProbs;
    }

    /** Padded on the right, with the gradient 0. */
    private double[] libtorch(Rows rows) {
        int longest = rows.longest();
        return torch.step(
                Arrays.stream(rows.ids)
                        .map(row -> Arrays.copyOf(row, longest + 1))
                        .toArray(int[][]::new),
                rows.gradient(longest));
    }

    private void accuracy(Rows rows) {
        double[] expected = libtorch(rows);
        Map<String, double[]> gradients = torch.gradients();
        try (ForwardPass pass = policy.forward(rows.sequences())) {
            double[] logProbs = pass.logProbs().toArray();
            System.out.printf(Locale.ROOT, "log-probs: largest difference %.1e%n", difference(logProbs, expected));
            pass.backward(TokenGradient.of(pass.logProbs().shape(), rows.gradient(0)));
        }
        ((Nd4jPolicy) policy).network().arrays().forEach((name, array) -> {
            double[] of = gradients.get(name);
            double largest = Arrays.stream(of).map(Math::abs).max().orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "gradient of %s: largest difference %.1e of its largest number%n",
                    name,
                    difference(array.gradient().dup('c').data().asDouble(), of) / largest);
        });
        optimizer.step(RATE);
    }

    private static double difference(double[] one, double[] other) {
        return IntStream.range(0, Math.max(one.length, other.length))
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .max()
                .orElseThrow();
    }

    /** The virtual machine needs the first rounds to compile. */
    private void speed(Rows rows) {
        for (int round = 1; round <= 8; round++) {
            double one = rate("nd4j", round, 12, rows.tokens(), () -> nd4j(rows));
            double other = rate("libtorch", round, 60, rows.tokens(), () -> libtorch(rows));
            System.out.printf(Locale.ROOT, "nd4j / libtorch: %.3f%n", one / other);
        }
    }

    private static double rate(String name, int round, int steps, int tokens, Runnable step) {
        long begin = System.nanoTime();
        long beginCpu = cpuNanos();
        for (int i = 0; i < steps; i++) {
            step.run();
        }
        double ofProcessor = steps * tokens / ((cpuNanos() - beginCpu) * 1e-9);
        System.out.printf(
                Locale.ROOT,
                "round %d, %s: %.0f tokens per second of a processor, %.0f per second%n",
                round,
                name,
                ofProcessor,
                steps * tokens / ((System.nanoTime() - begin) * 1e-9));
        return ofProcessor;
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private void memory(boolean isNd4j, int steps) {
        System.out.printf(Locale.ROOT, "before: %d MiB%n", ProcessMemory.resident());
        for (int step = 1; step <= steps; step++) {
            Rows rows = new Rows(random, 8, 2, 40);
            double[] logProbs = isNd4j ? nd4j(rows) : libtorch(rows);
            if (!Double.isFinite(logProbs[0])) {
                throw new IllegalStateException("log-probs must be finite, got " + logProbs[0]);
            }
            if (step % 200 == 0) {
                System.out.printf(Locale.ROOT, "step %d: %d MiB%n", step, ProcessMemory.resident());
            }
        }
        System.out.printf(Locale.ROOT, "peak: %d MiB%n", ProcessMemory.peak());
    }

    @Override
    public void close() {
        optimizer.close();
        policy.close();
    }
}
