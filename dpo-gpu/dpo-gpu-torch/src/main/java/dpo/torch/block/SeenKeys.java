package dpo.torch.block;

import dpo.torch.block.PackedRows.Part;
import dpo.torch.block.PackedRows.Segment;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The keys that each segment sees, those before it in its row and its own, laid one after another segment by segment:
 * <i>seen</i> keys, among which a packed key stands as often as segments see it.
 *
 * @param queryEnds 0 and the end of each segment among packed tokens, {@code [segments + 1]}
 * @param keyEnds 0 and the end of each segment's keys among seen ones, {@code [segments + 1]}
 * @param packedOf packed index of each seen key, {@code [seen]}
 */
record SeenKeys(int[] queryEnds, int[] keyEnds, long[] packedOf) {

    static SeenKeys of(List<Segment> segments) {
        int[] queryEnds = new int[segments.size() + 1];
        int[] keyEnds = new int[segments.size() + 1];
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            queryEnds[i + 1] = queryEnds[i] + segment.length();
            keyEnds[i + 1] = keyEnds[i] + segment.tokensBefore() + segment.length();
        }
        long[] packedOf = new long[keyEnds[segments.size()]];
        int seen = 0;
        for (Segment segment : segments) {
            for (Part part : segment.before()) {
                seen = lay(packedOf, seen, segments.get(part.segment()).start(), part.tokens());
            }
            seen = lay(packedOf, seen, segment.start(), segment.length());
        }
        return new SeenKeys(queryEnds, keyEnds, packedOf);
    }

    private static int lay(long[] packedOf, int seen, int start, int count) {
        for (int i = 0; i < count; i++) {
            packedOf[seen + i] = start + i;
        }
        return seen + count;
    }

    /** These on a device, with the most queries of a segment and the most keys that one sees. */
    record Placed(Tensor queryEnds, Tensor keyEnds, long mostQueries, long mostKeys, Tensor packedOf) {}

    /** These on a device, by what places a tensor there. */
    Placed placed(UnaryOperator<Tensor> place) {
        return new Placed(
                place.apply(Tensor.create(queryEnds)),
                place.apply(Tensor.create(keyEnds)),
                longest(queryEnds),
                longest(keyEnds),
                place.apply(Tensor.create(packedOf)));
    }

    private static int longest(int[] ends) {
        return IntStream.range(1, ends.length).map(i -> ends[i] - ends[i - 1]).max().orElse(0);
    }
}
