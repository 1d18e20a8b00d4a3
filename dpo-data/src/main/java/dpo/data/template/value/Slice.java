package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A Python slice, independent of a length. An absent part is Python's {@code None}.
 *
 * @param start the first index
 * @param stop the bound, which is not part of the slice
 * @param step the difference between indices; not 0
 */
public record Slice(Optional<Long> start, Optional<Long> stop, Optional<Long> step) {
    /** Refuses a step of 0. */
    public Slice {
        if (step.orElse(1L) == 0) {
            throw new Failure("slice step cannot be zero");
        }
    }

    private boolean forward() {
        return step.orElse(1L) > 0;
    }

    /** {@return the first index in a sequence of the given length} */
    long from(long length) {
        return start.map(index -> fit(index, length)).orElse(forward() ? 0 : length - 1);
    }

    /** {@return the bound of the indices in a sequence of the given length} */
    long to(long length) {
        return stop.map(index -> fit(index, length)).orElse(forward() ? length : -1);
    }

    /** Visits the indices of the slice in a sequence of the given length, in order. */
    void forEachIndex(long length, IntConsumer visit) {
        long by = step.orElse(1L);
        long to = to(length);
        for (long index = from(length); forward() ? index < to : index > to; index += by) {
            visit.accept((int) index);
            // A step greater than the length leads outside; adding it could overflow.
            if (by > length || by < -length) {
                return;
            }
        }
    }

    private long fit(long index, long length) {
        long fromStart = index < 0 ? Math.max(index, -length - 1) + length : index;
        return Math.max(forward() ? 0 : -1, Math.min(forward() ? length : length - 1, fromStart));
    }
}
