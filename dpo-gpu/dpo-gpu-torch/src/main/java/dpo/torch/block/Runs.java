package dpo.torch.block;

import dpo.torch.block.PackedRows.Part;
import dpo.torch.block.PackedRows.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Packed tokens in runs of neighbouring segments: no token sees one of another run, so that each is a matter of its
 * own, and one masked attention does all of its segments.
 */
final class Runs {

    private Runs() {}

    /**
     * Neighbouring segments.
     *
     * @param first index of the first segment
     * @param last index of the last one
     */
    record Run(int first, int last) {}

    /**
     * As few runs as a number of tokens allows; segments that see each other stay together, even where they are more.
     *
     * @param tokens most tokens of a run
     */
    static List<Run> of(List<Segment> segments, int tokens) {
        List<Run> runs = new ArrayList<>();
        int end = segments.size();
        while (end > 0) {
            int begin = end;
            int taken = 0;
            while (begin > 0) {
                int earlier = beginningOfKin(segments, begin - 1);
                int more = tokens(segments, earlier, begin);
                if (taken > 0 && taken + more > tokens) {
                    break;
                }
                taken += more;
                begin = earlier;
            }
            runs.add(0, new Run(begin, end - 1));
            end = begin;
        }
        return runs;
    }

    /** The first of the segments that hang together with one, which is the last of them. */
    private static int beginningOfKin(List<Segment> segments, int last) {
        int begin = last;
        for (int i = last; i >= begin; i--) {
            for (Part part : segments.get(i).before()) {
                begin = Math.min(begin, part.segment());
            }
        }
        return begin;
    }

    private static int tokens(List<Segment> segments, int from, int to) {
        return segments.subList(from, to).stream().mapToInt(Segment::length).sum();
    }

    /**
     * Which keys of a run each of its queries sees, {@code [tokens, tokens]}: 0 where a key is seen and −∞ where not.
     * Made where the positions are.
     *
     * @param positions of all packed tokens in their rows, {@code [packed]}
     */
    static Tensor mask(List<Segment> segments, Run run, Tensor positions, OptionalInt window) {
        int count = run.last() - run.first() + 1;
        long[] seen = new long[count * count];
        for (int i = 0; i < count; i++) {
            Segment segment = segments.get(run.first() + i);
            seen[i * count + i] = segment.length();
            for (Part part : segment.before()) {
                seen[i * count + part.segment() - run.first()] = part.tokens();
            }
        }
        long start = segments.get(run.first()).start();
        long[] owner = new long[tokens(segments, run.first(), run.last() + 1)];
        long[] within = new long[owner.length];
        for (int i = 0; i < count; i++) {
            Segment segment = segments.get(run.first() + i);
            for (int token = 0; token < segment.length(); token++) {
                owner[(int) (segment.start() - start) + token] = i;
                within[(int) (segment.start() - start) + token] = token;
            }
        }
        Tensor owners = Tensor.create(owner).to(positions.device(), positions.scalar_type());
        Tensor seenBy = Tensor.create(seen, count, count)
                .to(positions.device(), positions.scalar_type())
                .index_select(0, owners)
                .index_select(1, owners);
        Tensor position = positions.narrow(0, start, owner.length);
        Tensor distance = position.unsqueeze(1).sub(position.unsqueeze(0));
        Tensor visible = Tensor.create(within).to(positions.device(), positions.scalar_type())
                .unsqueeze(0)
                .lt(seenBy)
                .logical_and(distance.ge(new Scalar(0L)));
        if (window.isPresent()) {
            visible = visible.logical_and(distance.lt(new Scalar((long) window.getAsInt())));
        }
        return distance.to(ScalarType.Float).zero_()
                .masked_fill_(visible.logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
    }
}
