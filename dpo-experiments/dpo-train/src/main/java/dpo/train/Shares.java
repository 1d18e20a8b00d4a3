package dpo.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The division of the micro-batches of a step among ranks. */
final class Shares {

    private Shares() {}

    /**
     * Deals micro-batches by their tokens: from the largest to the smallest, those of equal size in order, each goes to the
     * rank with the fewest tokens so far. Shares are ordered by their first micro-batch, so that as many ranks as
     * micro-batches have one each, in order.
     *
     * @param tokens number of tokens of each micro-batch
     * @param ranks number of ranks, at least 1
     * @return for each rank the indices of its micro-batches, ascending; none if there are fewer micro-batches than ranks
     */
    static List<List<Integer>> of(long[] tokens, int ranks) {
        List<List<Integer>> shares = new ArrayList<>();
        IntStream.range(0, ranks).forEach(rank -> shares.add(new ArrayList<>()));
        long[] loads = new long[ranks];
        IntStream.range(0, tokens.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer microBatch) -> tokens[microBatch])
                        .reversed())
                .forEach(microBatch -> {
                    int least = IntStream.range(0, ranks)
                            .boxed()
                            .min(Comparator.comparingLong(rank -> loads[rank]))
                            .orElseThrow();
                    shares.get(least).add(microBatch);
                    loads[least] += tokens[microBatch];
                });
        shares.forEach(share -> share.sort(Comparator.naturalOrder()));
        shares.sort(Comparator.comparingInt(share -> share.isEmpty() ? Integer.MAX_VALUE : share.get(0)));
        return shares;
    }
}
