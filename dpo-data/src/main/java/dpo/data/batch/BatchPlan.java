package dpo.data.batch;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
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
    private final int[] tokens;
    private final int batchSize;
    private final MicroBatches microBatches;

    /**
     * One optimizer step.
     *
     * @param number of the step in the run, from 1
     * @param epoch epochs done after the step, e.g. 0.25; as TRL logs it, in micro-batches of all micro-batches where
     *     these are a number of examples, and in examples where they are a number of tokens
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

    private BatchPlan(int[][] orders, int[] tokens, int batchSize, MicroBatches microBatches) {
        this.orders = orders;
        this.tokens = tokens;
        this.batchSize = batchSize;
        this.microBatches = microBatches;
    }

    /**
     * The plan of a run.
     *
     * @param tokens number of tokens of each example, at least one example
     * @param batchSize examples a step, at least 1
     * @param microBatches how a step is cut into what is held in memory at a time
     * @param epochs passes through the data, at least 1
     * @throws IllegalArgumentException where a number is out of its range
     */
    public static BatchPlan of(
            int[] tokens, int batchSize, MicroBatches microBatches, int epochs, Order order, RandomStreams streams) {
        int examples = Requirement.atLeast("examples", tokens.length, 1);
        Requirement.atLeast("batch_size", batchSize, 1);
        Requirement.atLeast("epochs", epochs, 1);
        int[][] orders = new int[epochs][];
        RandomGenerator random = streams.stream("shuffle");
        for (int epoch = 0; epoch < epochs; epoch++) {
            orders[epoch] = IntStream.range(0, examples).toArray();
            if (order == Order.SHUFFLED) {
                shuffle(orders[epoch], random);
            }
        }
        return new BatchPlan(orders, tokens.clone(), batchSize, microBatches);
    }

    /** Number of optimizer steps of the run. */
    public int steps() {
        return Math.multiplyExact(orders.length, stepsPerEpoch());
    }

    /** Number of optimizer steps of an epoch. */
    public int stepsPerEpoch() {
        return tokens.length / batchSize + (tokens.length % batchSize == 0 ? 0 : 1);
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
        int to = (int) Math.min((long) from + batchSize, tokens.length);
        List<Integer> examples = Arrays.stream(orders[epoch], from, to).boxed().toList();
        long done = (long) within * microBatches.atMost(batchSize) + microBatches.atMost(examples.size());
        return new Step(number, epoch + (double) done / ofEpoch(), microBatches.cut(examples, tokens));
    }

    /** What {@code epoch} counts in: micro-batches of an epoch, or as many as there may be. */
    private long ofEpoch() {
        int lastBatch = tokens.length - (stepsPerEpoch() - 1) * batchSize;
        return (long) (stepsPerEpoch() - 1) * microBatches.atMost(batchSize) + microBatches.atMost(lastBatch);
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
