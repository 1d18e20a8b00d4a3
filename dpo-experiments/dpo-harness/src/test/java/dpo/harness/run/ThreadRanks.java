package dpo.harness.run;

import dpo.core.backend.Ranks;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

/** Ranks that are threads of one process. Closing one ends the others. */
final class ThreadRanks implements Ranks {

    private final int rank;
    private final double[][] numbers;
    private final CyclicBarrier barrier;

    private ThreadRanks(int rank, double[][] numbers, CyclicBarrier barrier) {
        this.rank = rank;
        this.numbers = numbers;
        this.barrier = barrier;
    }

    static List<ThreadRanks> of(int count) {
        double[][] numbers = new double[count][];
        CyclicBarrier barrier = new CyclicBarrier(count);
        return IntStream.range(0, count)
                .mapToObj(rank -> new ThreadRanks(rank, numbers, barrier))
                .toList();
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int count() {
        return numbers.length;
    }

    @Override
    public List<double[]> gather(double[] own) {
        numbers[rank] = own.clone();
        await();
        List<double[]> all = List.of(numbers);
        await();
        return all;
    }

    private void await() {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new Lost(e);
        }
    }

    /** Interrupts a wait of the others, and any later one. */
    @Override
    public void close() {
        barrier.reset();
    }
}
