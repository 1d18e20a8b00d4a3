package dpo.data.template;

import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A Python slice with its bounds not yet fitted to a length; an absent part is Python's {@code None}.
 */
record Slice(Optional<Long> start, Optional<Long> stop, Optional<Long> step) {
    /** Visits the indices of the slice in a sequence of the given length, in order. */
    void forEachIndex(long length, IntConsumer visit) {
        long by = step.orElse(1L);
        if (by == 0) {
            throw new Failure("slice step cannot be zero");
        }
        long low = by > 0 ? 0 : -1;
        long high = by > 0 ? length : length - 1;
        long from = start.map(index -> fit(index, length, low, high)).orElse(by > 0 ? low : high);
        long to = stop.map(index -> fit(index, length, low, high)).orElse(by > 0 ? high : low);
        for (long index = from; by > 0 ? index < to : index > to; index += by) {
            visit.accept((int) index);
            // A step beyond the length ends the walk; adding it could overflow.
            if (by > length || by < -length) {
                return;
            }
        }
    }

    private static long fit(long index, long length, long low, long high) {
        long fromStart = index < 0 ? Math.max(index, -length - 1) + length : index;
        return Math.max(low, Math.min(high, fromStart));
    }
}
