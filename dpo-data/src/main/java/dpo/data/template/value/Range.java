package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;

/**
 * Python's {@code range} of at most {@link Limits#RANGE} items.
 *
 * @param start the first item
 * @param stop the bound, which is not an item
 * @param step the difference between items
 * @param length the number of items
 */
public record Range(long start, long stop, long step, long length) implements Sequence {
    /** Python's {@code range(start, stop, step)}. */
    public static Range of(Meter meter, Arguments arguments) {
        meter.shell();
        Arguments args = arguments.positional(1, 3);
        boolean onlyStop = args.size() == 1;
        long start = onlyStop ? 0 : args.index(0);
        long stop = args.index(onlyStop ? 0 : 1);
        long step = args.index(2, 1);
        if (step == 0) {
            throw new Failure("range() arg 3 must not be zero");
        }
        boolean empty = step > 0 ? start >= stop : start <= stop;
        // Unsigned: the distance between two longs may exceed a long.
        long distance = step > 0 ? stop - start : start - stop;
        long length = empty ? 0 : Long.divideUnsigned(distance - 1, step > 0 ? step : -step) + 1;
        if (Long.compareUnsigned(length, Limits.RANGE) > 0) {
            throw new Failure("a range must have at most " + Limits.RANGE + " items");
        }
        return new Range(start, stop, step, length);
    }

    @Override
    public Value at(Meter meter, long position) {
        return new Int(start + position * step);
    }

    /** {@return whether two ranges have the same items, Python's {@code range == range}} */
    boolean sameItems(Range other) {
        return length == other.length && (length == 0 || (start == other.start && (length == 1 || step == other.step)));
    }

    /** {@return whether an integer is one of the items} */
    public boolean holds(long number) {
        boolean within = length > 0 && (step > 0 ? number >= start && number < stop : number <= start && number > stop);
        return within
                && Long.remainderUnsigned(step > 0 ? number - start : start - number, step > 0 ? step : -step) == 0;
    }

    @Override
    public String typeName() {
        return "range";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append("range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")");
    }

    @Override
    public boolean truth() {
        return length > 0;
    }

    @Override
    public long length(Meter meter) {
        return length;
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        throw Failure.unsupported("a slice of a range");
    }
}
