package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Python's {@code list} and {@code tuple}; the sandbox forbids changes of both. */
public final class Items implements Sequence {
    private final List<Value> values;
    private final boolean tuple;
    private final int depth;

    private Items(Meter meter, List<Value> values, boolean tuple) {
        meter.shell();
        meter.slots(values.size());
        this.values = List.copyOf(values);
        this.tuple = tuple;
        int deepest = 0;
        for (Value value : values) {
            deepest = Math.max(deepest, value.depth());
        }
        this.depth = Limits.nested(deepest);
    }

    /** {@return a list} */
    public static Items list(Meter meter, List<Value> values) {
        return new Items(meter, values, false);
    }

    /** {@return a tuple} */
    public static Items tuple(Meter meter, List<Value> values) {
        return new Items(meter, values, true);
    }

    static Items pair(Meter meter, Value first, Value second) {
        return new Items(meter, List.of(first, second), true);
    }

    /** {@return the items} */
    public List<Value> values() {
        return values;
    }

    /** {@return whether this is a tuple} */
    public boolean isTuple() {
        return tuple;
    }

    /** {@return the concatenation} */
    public Items plus(Meter meter, Items more) {
        meter.slots((long) values.size() + more.values.size());
        List<Value> all = new ArrayList<>(values);
        all.addAll(more.values);
        return new Items(meter, all, tuple);
    }

    /** {@return the items repeated; none if {@code times} is below 1} */
    public Items repeat(Meter meter, long times) {
        long count = values.isEmpty() ? 0 : Math.max(0, times);
        meter.slots(count, values.size());
        List<Value> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            all.addAll(values);
        }
        return new Items(meter, all, tuple);
    }

    @Override
    public String typeName() {
        return tuple ? "tuple" : "list";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append(tuple ? '(' : '[');
        String separator = "";
        for (Value value : values) {
            value.repr(out.append(separator));
            separator = ", ";
        }
        out.append(tuple && values.size() == 1 ? ",)" : tuple ? ")" : "]");
    }

    @Override
    public boolean truth() {
        return !values.isEmpty();
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public long length(Meter meter) {
        return values.size();
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return Iterators.map(meter, values.iterator(), item -> item);
    }

    @Override
    public Value at(Meter meter, long position) {
        return values.get((int) position);
    }

    @Override
    public Value attribute(Meter meter, String name) {
        return switch (name) {
            case "count" ->
                Callable.of(
                        meter,
                        name,
                        (call, args) -> count(call, args.positional(1, 1).value(0)));
            case "index" ->
                Callable.of(
                        meter,
                        name,
                        (call, args) -> index(call, args.positional(1, 1).value(0)));
            default -> Sequence.super.attribute(meter, name);
        };
    }

    private Value count(Meter meter, Value sought) {
        long count = 0;
        for (Value value : values) {
            count += Equality.equal(meter, value, sought) ? 1 : 0;
        }
        return new Int(count);
    }

    private Value index(Meter meter, Value sought) {
        for (int i = 0; i < values.size(); i++) {
            if (Equality.equal(meter, values.get(i), sought)) {
                return new Int(i);
            }
        }
        throw new Failure(sought.repr(meter) + " is not in " + typeName());
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        List<Value> part = new ArrayList<>();
        slice.forEachIndex(values.size(), index -> {
            meter.slots(1);
            part.add(values.get(index));
        });
        return new Items(meter, part, tuple);
    }
}
