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
import java.util.Optional;
import java.util.Random;

/** Prints tokens per second of one thread for the same LSTM on nd4j and libtorch, in turn: forward, backward, AdamW. */
final class LstmBenchmark {

    private static final int ROWS = 16;
    private static final int LENGTH = 65;

    private LstmBenchmark() {}

    public static void main(String[] arguments) {
        FreshNetwork settings = new FreshNetwork(
                FreshNetworks.settings(LayerKind.LSTM, 8).tokenizer(),
                2000,
                LENGTH,
                LayerKind.LSTM,
                128,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Random random = new Random(1);
        int[][] ids = new int[ROWS][];
        Arrays.setAll(ids, row -> random.ints(LENGTH, 0, 2000).toArray());
        List<TokenSequence> sequences = Arrays.stream(ids)
                .map(row -> TokenSequence.of(new int[] {row[0]}, Arrays.copyOfRange(row, 1, LENGTH)))
                .toList();
        double[] gradient = random.doubles((long) ROWS * (LENGTH - 1), -1, 1).toArray();
        org.bytedeco.pytorch.global.torch.set_num_threads(1);
        try (Policy policy = FreshNetworks.BACKEND.open(
                        Nd4jModel.of(settings, Precision.FLOAT32), new Execution("cpu", 1), 1);
                Optimizer optimizer = policy.optimizer(new AdamW(1e-3, List.of(0.9, 0.999), 1e-8, 0, 1))) {
            TorchLstm torch = new TorchLstm(policy, 1e-3);
            for (int round = 0; round < 4; round++) {
                rate("nd4j", round, () -> step(policy, optimizer, sequences, gradient));
                rate("libtorch", round, () -> torch.step(ids, gradient));
            }
        }
    }

    private static void step(Policy policy, Optimizer optimizer, List<TokenSequence> sequences, double[] gradient) {
        try (ForwardPass pass = policy.forward(sequences)) {
            pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
        }
        optimizer.step(1e-3);
    }

    private static void rate(String name, int round, Runnable step) {
        int steps = name.equals("nd4j") ? 10 : 40;
        long begin = cpuNanos();
        for (int i = 0; i < steps; i++) {
            step.run();
        }
        double seconds = (cpuNanos() - begin) * 1e-9;
        System.out.printf(
                Locale.ROOT,
                "%s round %d: %.0f tokens per second of a processor%n",
                name,
                round,
                steps * ROWS * (LENGTH - 1) / seconds);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
