package dpo.data.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Python's {@code range}, at most {@link Limits#RANGE} items long. */
record Range(long start, long stop, long step, Items items) implements Value {
    static Range of(Arguments arguments) {
        Arguments args = arguments.positional(1, 3);
        boolean onlyStop = args.size() == 1;
        long start = onlyStop ? 0 : Operators.index(args.value(0));
        long stop = Operators.index(args.value(onlyStop ? 0 : 1));
        long step = Operators.index(args.valueOr(2, new Int(1)));
        if (step == 0) {
            throw new Failure("range() arg 3 must not be zero");
        }
        List<Value> items = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i = Math.addExact(i, step)) {
            items.add(new Int(i));
            if (items.size() > Limits.RANGE) {
                throw new Failure("a range must have at most " + Limits.RANGE + " items");
            }
        }
        return new Range(start, stop, step, Items.list(items));
    }

    @Override
    public String typeName() {
        return "range";
    }

    @Override
    public String repr() {
        return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }

    @Override
    public boolean truth() {
        return items.truth();
    }

    @Override
    public long weight() {
        return items.weight();
    }

    @Override
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator() {
        return items.iterator();
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return items.length();
    }

    @Override
    public Iterator<Value> reversed() {
        return items.reversed();
    }

    @Override
    public Value item(Value key) {
        return Operators.isInteger(key) ? items.item(key) : Value.super.item(key);
    }

    @Override
    public Value slice(Slice slice) {
        throw Failure.unsupported("a slice of a range");
    }
}
