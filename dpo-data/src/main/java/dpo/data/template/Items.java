package dpo.data.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** Python's {@code list} and {@code tuple}; neither changes, as the sandbox forbids it. */
final class Items implements Value {
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

    static Items list(Meter meter, List<Value> values) {
        return new Items(meter, values, false);
    }

    static Items tuple(Meter meter, List<Value> values) {
        return new Items(meter, values, true);
    }

    static Items pair(Meter meter, Value first, Value second) {
        return new Items(meter, List.of(first, second), true);
    }

    List<Value> values() {
        return values;
    }

    boolean isTuple() {
        return tuple;
    }

    Items plus(Meter meter, Items more) {
        meter.slots((long) values.size() + more.values.size());
        List<Value> all = new ArrayList<>(values);
        all.addAll(more.values);
        return new Items(meter, all, tuple);
    }

    Items repeat(Meter meter, long times) {
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return new Counted<>(meter, values.iterator(), item -> item);
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length(Meter meter) {
        return values.size();
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        int last = values.size() - 1;
        return new Counted<>(meter, IntStream.rangeClosed(0, last).iterator(), i -> values.get(last - i));
    }

    @Override
    public Value attribute(Meter meter, String name) {
        return switch (name) {
            case "count" -> Function.of(meter, name, (call, args) -> count(call, args.positional(1, 1).value(0)));
            case "index" -> Function.of(meter, name, (call, args) -> index(call, args.positional(1, 1).value(0)));
            default -> Value.super.attribute(meter, name);
        };
    }

    private Value count(Meter meter, Value sought) {
        long count = 0;
        for (Value value : values) {
            count += Operators.equal(meter, value, sought) ? 1 : 0;
        }
        return new Int(count);
    }

    private Value index(Meter meter, Value sought) {
        for (int i = 0; i < values.size(); i++) {
            if (Operators.equal(meter, values.get(i), sought)) {
                return new Int(i);
            }
        }
        throw new Failure(sought.repr(meter) + " is not in " + typeName());
    }

    @Override
    public Value item(Meter meter, Value key) {
        if (!Operators.isInteger(key)) {
            return Value.super.item(meter, key);
        }
        long index = Operators.integer(key);
        long fromStart = index < 0 ? index + values.size() : index;
        if (fromStart < 0 || fromStart >= values.size()) {
            return Undefined.element(this, key);
        }
        return values.get((int) fromStart);
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
