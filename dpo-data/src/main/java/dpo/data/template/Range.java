package dpo.data.template;

import java.util.Iterator;
import java.util.stream.LongStream;

/** Python's {@code range}, at most {@link Limits#RANGE} items long; its items are made when they are asked for. */
record Range(long start, long stop, long step, long length) implements Value {
    static Range of(Meter meter, Arguments arguments) {
        meter.shell();
        Arguments args = arguments.positional(1, 3);
        boolean onlyStop = args.size() == 1;
        long start = onlyStop ? 0 : Operators.index(args.value(0));
        long stop = Operators.index(args.value(onlyStop ? 0 : 1));
        long step = Operators.index(args.valueOr(2, new Int(1)));
        if (step == 0) {
            throw new Failure("range() arg 3 must not be zero");
        }
        boolean empty = step > 0 ? start >= stop : start <= stop;
        // Unsigned: the distance of two longs does not fit into one.
        long distance = step > 0 ? stop - start : start - stop;
        long length = empty ? 0 : Long.divideUnsigned(distance - 1, step > 0 ? step : -step) + 1;
        if (Long.compareUnsigned(length, Limits.RANGE) > 0) {
            throw new Failure("a range must have at most " + Limits.RANGE + " items");
        }
        return new Range(start, stop, step, length);
    }

    private Int at(long index) {
        return new Int(start + index * step);
    }

    /** {@return whether Python's {@code range == range}: the same items} */
    boolean sameItems(Range other) {
        return length == other.length && (length == 0 || start == other.start && (length == 1 || step == other.step));
    }

    /** {@return whether an integer is one of the items} */
    boolean holds(long number) {
        boolean within = length > 0
                && (step > 0 ? number >= start && number < stop : number <= start && number > stop);
        return within && Long.remainderUnsigned(step > 0 ? number - start : start - number,
                step > 0 ? step : -step) == 0;
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return new Counted<>(meter, LongStream.range(0, length).iterator(), this::at);
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length(Meter meter) {
        return length;
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return new Counted<>(meter, LongStream.range(0, length).iterator(), i -> at(length - 1 - i));
    }

    @Override
    public Value item(Meter meter, Value key) {
        if (!Operators.isInteger(key)) {
            return Value.super.item(meter, key);
        }
        long index = Operators.integer(key);
        long fromStart = index < 0 ? index + length : index;
        return fromStart < 0 || fromStart >= length ? Undefined.element(this, key) : at(fromStart);
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        throw Failure.unsupported("a slice of a range");
    }
}
