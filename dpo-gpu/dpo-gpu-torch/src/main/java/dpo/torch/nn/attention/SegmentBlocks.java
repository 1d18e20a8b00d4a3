package dpo.torch.nn.attention;

import dpo.torch.layout.PackedRows;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The segments of a pass, in blocks of like lengths. The attention of a block is computed with as many operations as
 * that of one segment, with queries and keys padded to the longest. Padding costs time too, so a block holds only
 * segments for which it costs less than the operations that it saves: in small models many, in large ones only equal or
 * very short segments. Blocks depend only on the segments and on the heads.
 *
 * @param blocks each with at least two segments
 * @param single the other segments, in packed order
 */
record SegmentBlocks(List<Block> blocks, List<Integer> single) {

    /**
     * The padding that costs as much time as the operations on a segment, in multiplications for a query and a key of
     * all heads.
     */
    static final long OPERATIONS_ON_A_SEGMENT = 1L << 18;

    /** The exponential and the copies of a score cost as much time as this many multiplications. */
    static final int SOFTMAX = 64;

    /** Number of padded scores of all heads in a block: 1 MiB of float32, which stays in a processor's cache. */
    static final long MOST_SCORES = 1L << 18;

    /**
     * Segments that are computed together.
     *
     * @param segments their indices
     * @param queries padded number of queries
     * @param keys padded number of keys
     */
    record Block(List<Integer> segments, int queries, int keys) {

        /** Scores of a head, those of padding included. */
        long scores() {
            return (long) segments.size() * queries * keys;
        }
    }

    private record Key(Heads heads, boolean tiles) {}

    /** The blocks of the rows of a pass, made once for all layers with equal heads. */
    static SegmentBlocks of(Attention settings, ForwardContext context) {
        return context.shared(
                new Key(settings.heads(), settings.softCap().isEmpty()),
                keep -> of(settings, context.layout().requirePacked()));
    }

    /** The blocks of packed rows. */
    static SegmentBlocks of(Attention settings, PackedRows rows) {
        List<Segment> segments = rows.segments();
        List<Growing> blocks = new ArrayList<>();
        IntStream.range(0, segments.size())
                .boxed()
                .filter(index -> !settings.isTiled(segments.get(index)))
                .sorted(Comparator.comparingLong(index -> -segments.get(index).scores()))
                .forEach(index -> add(blocks, settings.heads(), index, segments.get(index)));
        List<Block> several = blocks.stream()
                .filter(block -> block.segments.size() > 1)
                .map(Growing::block)
                .toList();
        List<Integer> single =
                new ArrayList<>(IntStream.range(0, segments.size()).boxed().toList());
        several.forEach(block -> single.removeAll(block.segments));
        return new SegmentBlocks(several, List.copyOf(single));
    }

    private static void add(List<Growing> blocks, Heads heads, int index, Segment segment) {
        for (Growing block : blocks) {
            if (block.accepts(segment, heads)) {
                block.add(index, segment);
                return;
            }
        }
        Growing block = new Growing();
        block.add(index, segment);
        blocks.add(block);
    }

    /** Scores of a head that belong to padding. */
    long padding(PackedRows rows) {
        return blocks.stream()
                .mapToLong(block -> block.scores()
                        - block.segments().stream()
                                .mapToLong(index -> rows.segments().get(index).scores())
                                .sum())
                .sum();
    }

    /** A block to which segments are added. */
    private static final class Growing {

        private final List<Integer> segments = new ArrayList<>();
        private int queries;
        private int keys;
        private long scores;

        boolean accepts(Segment segment, Heads heads) {
            long count = segments.size() + 1L;
            long padded = count * Math.max(queries, segment.length()) * Math.max(keys, segment.seen());
            long work = (padded - scores - segment.scores()) * heads.queries() * (heads.size() + SOFTMAX);
            return padded * heads.queries() <= MOST_SCORES && work <= count * OPERATIONS_ON_A_SEGMENT;
        }

        void add(int index, Segment segment) {
            segments.add(index);
            queries = Math.max(queries, segment.length());
            keys = Math.max(keys, segment.seen());
            scores += segment.scores();
        }

        Block block() {
            return new Block(List.copyOf(segments), queries, keys);
        }
    }
}
