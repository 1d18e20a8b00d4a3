package dpo.data.batch;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The optimizer steps of a training run: which examples, in which micro-batches.
 *
 * <p>An epoch goes once through all examples; its last batch is kept where it is not full, as in TRL, so that an epoch
 * has ⌈examples / batch_size⌉ steps and every example counts equally often. Shuffles are drawn from the random stream
 * {@code "shuffle"} alone, epoch after epoch: they depend on the seed and the number of examples, not on batch sizes,
 * and more epochs leave the first ones as they are.
 */
public final class BatchPlan {

    private final int[][] orders;
    private final int examples;
    private final int batchSize;
    private final int microBatchSize;

    /**
     * One optimizer step.
     *
     * @param number of the step in the run, from 1
     * @param epoch epochs done after the step, e.g. 0.25; as TRL logs it, in micro-batches of all micro-batches
     * @param microBatches indices of examples, each list one micro-batch
     */
    public record Step(int number, double epoch, List<List<Integer>> microBatches) {

        public Step {
            microBatches = List.copyOf(microBatches);
        }

        /** Number of examples in the step. */
        public int examples() {
            return microBatches.stream().mapToInt(List::size).sum();
        }
    }

    private BatchPlan(int[][] orders, int examples, int batchSize, int microBatchSize) {
        this.orders = orders;
        this.examples = examples;
        this.batchSize = batchSize;
        this.microBatchSize = microBatchSize;
    }

    /**
     * The plan of a run.
     *
     * @param examples number of examples, at least 1
     * @param batchSize examples a step, at least 1
     * @param microBatchSize examples that are held in memory at a time, from 1 to {@code batchSize}
     * @param epochs passes through the data, at least 1
     * @throws IllegalArgumentException where a number is out of its range
     */
    public static BatchPlan of(
            int examples, int batchSize, int microBatchSize, int epochs, Order order, RandomStreams streams) {
        Requirement.atLeast("examples", examples, 1);
        Requirement.atLeast("batch_size", batchSize, 1);
        Requirement.atLeast("micro_batch_size", microBatchSize, 1);
        Requirement.atLeast("epochs", epochs, 1);
        if (microBatchSize > batchSize) {
            throw new IllegalArgumentException(
                    "micro_batch_size must be at most batch_size = " + batchSize + ", got " + microBatchSize);
        }
        int[][] orders = new int[epochs][];
        RandomGenerator random = streams.stream("shuffle");
        for (int epoch = 0; epoch < epochs; epoch++) {
            orders[epoch] = IntStream.range(0, examples).toArray();
            if (order == Order.SHUFFLED) {
                shuffle(orders[epoch], random);
            }
        }
        return new BatchPlan(orders, examples, batchSize, microBatchSize);
    }

    /** Number of optimizer steps of the run. */
    public int steps() {
        return Math.multiplyExact(orders.length, stepsPerEpoch());
    }

    /** Number of optimizer steps of an epoch. */
    public int stepsPerEpoch() {
        return ceilDiv(examples, batchSize);
    }

    /**
     * A step of the run.
     *
     * @param number from 1 to {@link #steps()}
     * @throws IllegalArgumentException where it is out of that range
     */
    public Step step(int number) {
        if (number < 1 || number > steps()) {
            throw new IllegalArgumentException("step must be in [1, " + steps() + "], got " + number);
        }
        int epoch = (number - 1) / stepsPerEpoch();
        int within = (number - 1) % stepsPerEpoch();
        int from = within * batchSize;
        int to = (int) Math.min((long) from + batchSize, examples);
        List<List<Integer>> microBatches = new ArrayList<>();
        for (int start = from; start < to; start += microBatchSize) {
            int end = Math.min(start + microBatchSize, to);
            microBatches.add(Arrays.stream(orders[epoch], start, end).boxed().toList());
        }
        long done = (long) within * ceilDiv(batchSize, microBatchSize) + microBatches.size();
        return new Step(number, epoch + (double) done / microBatchesPerEpoch(), microBatches);
    }

    private long microBatchesPerEpoch() {
        int lastBatch = examples - (stepsPerEpoch() - 1) * batchSize;
        return (long) (stepsPerEpoch() - 1) * ceilDiv(batchSize, microBatchSize) + ceilDiv(lastBatch, microBatchSize);
    }

    private static int ceilDiv(int a, int b) {
        return a / b + (a % b == 0 ? 0 : 1);
    }

    /** Fisher and Yates. */
    private static void shuffle(int[] order, RandomGenerator random) {
        for (int last = order.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            int kept = order[last];
            order[last] = order[other];
            order[other] = kept;
        }
    }
}
