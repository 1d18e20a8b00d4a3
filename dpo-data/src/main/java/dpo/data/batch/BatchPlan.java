package dpo.data.batch;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The optimizer steps of a training run, each with its examples in micro-batches.
 *
 * <p>An epoch is one pass through all examples. As in TRL, its last batch may be smaller, so that an epoch has
 * ⌈examples / batch_size⌉ steps and every example counts equally often. Shuffles are drawn from the random stream
 * {@code "shuffle"} alone, epoch after epoch: they depend on the seed and the number of examples, not on batch sizes,
 * and additional epochs do not change the first ones.
 */
public final class BatchPlan {

    private final int[][] orders;
    private final int[] tokens;
    private final int batchSize;
    private final MicroBatches microBatches;
    private final int steps;

    /**
     * One optimizer step.
     *
     * @param number number of the step in the run, from 1
     * @param epoch epochs completed after the step, such as 0.25: as in TRL's logs, the share of micro-batches where
     *     their size is a number of examples, and the share of examples if it is a number of tokens
     * @param microBatches indices of examples, each list one micro-batch
     */
    public record Step(int number, double epoch, List<List<Integer>> microBatches) {

        public Step {
            microBatches = List.copyOf(microBatches);
        }

        /** Indices of the examples of all micro-batches, in order. */
        public List<Integer> indices() {
            return microBatches.stream().flatMap(List::stream).toList();
        }

        /** Number of examples in the step. */
        public int examples() {
            return microBatches.stream().mapToInt(List::size).sum();
        }
    }

    private BatchPlan(int[][] orders, int[] tokens, int batchSize, MicroBatches microBatches, int steps) {
        this.orders = orders;
        this.tokens = tokens;
        this.batchSize = batchSize;
        this.microBatches = microBatches;
        this.steps = steps;
    }

    /**
     * The plan of a run.
     *
     * @param tokens number of tokens of each example, at least one example
     * @param batchSize examples per step, at least 1
     * @param microBatches division of a step into micro-batches
     * @param epochs passes through the data, at least 1
     * @throws IllegalArgumentException if a number is out of range
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
        int steps = Math.multiplyExact(epochs, stepsPerEpoch(tokens.length, batchSize));
        return new BatchPlan(orders, tokens.clone(), batchSize, microBatches, steps);
    }

    /** The plan of the first steps, at most all. */
    public BatchPlan first(int most) {
        return new BatchPlan(orders, tokens, batchSize, microBatches, Math.min(most, steps));
    }

    /** Number of optimizer steps of the run. */
    public int steps() {
        return steps;
    }

    /** Number of optimizer steps of an epoch. */
    public int stepsPerEpoch() {
        return stepsPerEpoch(tokens.length, batchSize);
    }

    private static int stepsPerEpoch(int examples, int batchSize) {
        return examples / batchSize + (examples % batchSize == 0 ? 0 : 1);
    }

    /**
     * A step of the run.
     *
     * @param number from 1 to {@link #steps()}
     * @throws IllegalArgumentException if it is out of that range
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

    /** The unit of {@code epoch}: the number of micro-batches of an epoch, or its maximum. */
    private long ofEpoch() {
        int lastBatch = tokens.length - (stepsPerEpoch() - 1) * batchSize;
        return (long) (stepsPerEpoch() - 1) * microBatches.atMost(batchSize) + microBatches.atMost(lastBatch);
    }

    /** The Fisher–Yates shuffle. */
    private static void shuffle(int[] order, RandomGenerator random) {
        for (int last = order.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            int kept = order[last];
            order[last] = order[other];
            order[other] = kept;
        }
    }
}
