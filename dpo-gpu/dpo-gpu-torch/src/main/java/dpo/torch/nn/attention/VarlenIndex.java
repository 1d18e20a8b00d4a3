package dpo.torch.nn.attention;

import dpo.torch.layout.PackedRows.Prefix;
import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The queries and keys of each segment in the form that variable-length kernels require. The keys that a segment
 * attends to, those before it in its row and its own, are gathered segment by segment; a packed key is gathered once
 * for each segment that attends to it.
 *
 * @param queryEnds cumulative numbers of queries, {@code [segments + 1]}
 * @param keyEnds cumulative numbers of keys, {@code [segments + 1]}
 * @param keyIndices packed index of each gathered key, {@code [gathered]}
 */
record VarlenIndex(int[] queryEnds, int[] keyEnds, long[] keyIndices) {

    static VarlenIndex of(List<Segment> segments) {
        int[] queryEnds = new int[segments.size() + 1];
        int[] keyEnds = new int[segments.size() + 1];
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            queryEnds[i + 1] = queryEnds[i] + segment.length();
            keyEnds[i + 1] = keyEnds[i] + segment.tokensBefore() + segment.length();
        }
        long[] keyIndices = new long[keyEnds[segments.size()]];
        int gathered = 0;
        for (Segment segment : segments) {
            for (Prefix part : segment.before()) {
                gathered =
                        fill(keyIndices, gathered, segments.get(part.segment()).start(), part.tokens());
            }
            gathered = fill(keyIndices, gathered, segment.start(), segment.length());
        }
        return new VarlenIndex(queryEnds, keyEnds, keyIndices);
    }

    private static int fill(long[] keyIndices, int gathered, int start, int count) {
        for (int i = 0; i < count; i++) {
            keyIndices[gathered + i] = (long) start + i;
        }
        return gathered + count;
    }

    /** The index on a device, with the largest numbers of queries and keys of a segment. */
    record OnDevice(Tensor queryEnds, Tensor keyEnds, long mostQueries, long mostKeys, Tensor keyIndices) {}

    /** The index of the rows of a pass, made once per pass. */
    static OnDevice of(ForwardContext context) {
        return context.shared(VarlenIndex.class, keep -> {
            VarlenIndex index = of(context.layout().requirePacked().segments());
            return new OnDevice(
                    keep.apply(Tensor.create(index.queryEnds)),
                    keep.apply(Tensor.create(index.keyEnds)),
                    longest(index.queryEnds),
                    longest(index.keyEnds),
                    keep.apply(Tensor.create(index.keyIndices)));
        });
    }

    private static int longest(int[] ends) {
        return IntStream.range(1, ends.length)
                .map(i -> ends[i] - ends[i - 1])
                .max()
                .orElse(0);
    }
}
