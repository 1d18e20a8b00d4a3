package dpo.torch.nn.attention;

import dpo.torch.layout.PackedRows;
import dpo.torch.layout.PackedRows.Prefix;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import dpo.torch.nn.attention.SegmentBlocks.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/**
 * Where the vectors of the segments of blocks lie. A vector of one head of one token is a row of a packed tensor {@code
 * [packed · heads, d]}; blocks are rows {@code [segments, heads, padded length, d]}, one block after the other. Padding
 * repeats the last query and the last key of a segment.
 *
 * @param blocks the blocks
 * @param queries row in the blocks of each packed query, {@code [packed · heads]}; 0 for segments outside blocks
 * @param queryRows number of rows of queries in the blocks
 * @param keys rows in the blocks that belong to each packed key, key by key
 * @param keyStarts where those of a key begin, {@code [packed · groups]}
 * @param keyRows number of rows of keys in the blocks
 */
record BlockIndex(List<OfBlock> blocks, Tensor queries, long queryRows, Tensor keys, Tensor keyStarts, long keyRows) {

    /**
     * A block.
     *
     * @param block its segments
     * @param queries packed row of each query, {@code [segments · heads · length]}
     * @param isQuery 1 for queries and 0 for padding, {@code [segments · heads · length, 1]}
     * @param firstQuery row in the blocks of its first query
     * @param keys packed row of each key, {@code [segments · groups · seen]}
     * @param firstKey row in the blocks of its first key
     * @param mask {@code [segments, 1, length, seen]}, float32, see {@link CausalMask}
     */
    record OfBlock(
            Block block, Tensor queries, Tensor isQuery, long firstQuery, Tensor keys, long firstKey, Tensor mask) {

        /** The rows of its queries, from those of all blocks. */
        Tensor queriesFrom(Tensor inBlocks) {
            return inBlocks.narrow(0, firstQuery, queries.size(0));
        }

        /** The rows of its keys, from those of all blocks. */
        Tensor keysFrom(Tensor inBlocks) {
            return inBlocks.narrow(0, firstKey, keys.size(0));
        }
    }

    private record Key(List<Block> blocks, Heads heads, OptionalInt window) {}

    /** The index of a pass, made once for all layers with equal heads and windows. */
    static BlockIndex of(Attention settings, ForwardContext context, List<Block> blocks) {
        return context.shared(new Key(blocks, settings.heads(), settings.window()), keep -> {
            PackedRows rows = context.layout().requirePacked();
            Places queries = new Places(rows, settings.heads().queries());
            Places keys = new Places(rows, settings.heads().keyValues());
            List<OfBlock> all = new ArrayList<>();
            for (Block block : blocks) {
                long firstQuery = queries.end;
                long firstKey = keys.end;
                long[] ofQueries = queries.add(block.segments(), block.queries(), false);
                long[] ofKeys = keys.add(block.segments(), block.keys(), true);
                all.add(new OfBlock(
                        block,
                        keep.apply(Tensor.create(ofQueries)),
                        keep.apply(Tensor.create(isQuery(rows, settings.heads(), block), ofQueries.length, 1)),
                        firstQuery,
                        keep.apply(Tensor.create(ofKeys)),
                        firstKey,
                        keep.apply(mask(rows, settings.window(), block))));
            }
            return new BlockIndex(
                    all,
                    keep.apply(Tensor.create(queries.first())),
                    queries.end,
                    keep.apply(Tensor.create(keys.all())),
                    keep.apply(Tensor.create(keys.starts())),
                    keys.end);
        });
    }

    private static float[] isQuery(PackedRows rows, Heads heads, Block block) {
        float[] real = new float[block.segments().size() * heads.queries() * block.queries()];
        int at = 0;
        for (int index : block.segments()) {
            for (int head = 0; head < heads.queries(); head++) {
                Arrays.fill(real, at, at + rows.segments().get(index).length(), 1);
                at += block.queries();
            }
        }
        return real;
    }

    private static Tensor mask(PackedRows rows, OptionalInt window, Block block) {
        float[] mask = new float[Math.toIntExact(block.scores())];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        int at = 0;
        for (int index : block.segments()) {
            Segment segment = rows.segments().get(index);
            for (int query = 0; query < block.queries(); query++) {
                int last = segment.tokensBefore() + Math.min(query, segment.length() - 1);
                int first = window.isPresent() ? Math.max(0, last + 1 - window.getAsInt()) : 0;
                Arrays.fill(mask, at + first, at + last + 1, 0);
                at += block.keys();
            }
        }
        return Tensor.create(mask, block.segments().size(), 1, block.queries(), block.keys());
    }

    /** Rows in blocks, and the packed rows that they hold. */
    private static final class Places {

        private final PackedRows rows;
        private final int heads;
        private final List<List<Long>> inBlocks = new ArrayList<>();
        private long end;

        Places(PackedRows rows, int heads) {
            this.rows = rows;
            this.heads = heads;
            for (int row = 0; row < rows.tokens() * heads; row++) {
                inBlocks.add(new ArrayList<>(1));
            }
        }

        /** The packed row of each row of a block. */
        long[] add(List<Integer> segments, int length, boolean withBefore) {
            long[] packed = new long[segments.size() * heads * length];
            int at = 0;
            for (int index : segments) {
                long[] tokens = tokens(rows.segments(), index, withBefore);
                for (int head = 0; head < heads; head++) {
                    for (int i = 0; i < length; i++) {
                        long row = tokens[Math.min(i, tokens.length - 1)] * heads + head;
                        packed[at] = row;
                        if (i < tokens.length) {
                            inBlocks.get((int) row).add(end + at);
                        }
                        at++;
                    }
                }
            }
            end += at;
            return packed;
        }

        /** The packed tokens of a segment, those before it first. */
        private static long[] tokens(List<Segment> segments, int index, boolean withBefore) {
            Segment segment = segments.get(index);
            long[] tokens = new long[withBefore ? segment.seen() : segment.length()];
            int done = 0;
            if (withBefore) {
                for (Prefix part : segment.before()) {
                    done = fill(tokens, done, segments.get(part.segment()).start(), part.tokens());
                }
            }
            fill(tokens, done, segment.start(), segment.length());
            return tokens;
        }

        private static int fill(long[] tokens, int from, int start, int count) {
            for (int i = 0; i < count; i++) {
                tokens[from + i] = (long) start + i;
            }
            return from + count;
        }

        long[] first() {
            return inBlocks.stream()
                    .mapToLong(places -> places.isEmpty() ? 0 : places.get(0))
                    .toArray();
        }

        long[] all() {
            return inBlocks.stream()
                    .flatMap(List::stream)
                    .mapToLong(Long::longValue)
                    .toArray();
        }

        long[] starts() {
            long[] starts = new long[inBlocks.size()];
            for (int row = 1; row < starts.length; row++) {
                starts[row] = starts[row - 1] + inBlocks.get(row - 1).size();
            }
            return starts;
        }
    }
}
