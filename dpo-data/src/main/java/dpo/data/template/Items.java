package dpo.data.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Python's {@code list} and {@code tuple}; neither changes, as the sandbox forbids it. */
final class Items implements Value {
    private final List<Value> values;
    private final boolean tuple;
    private final long weight;

    private Items(List<Value> values, boolean tuple) {
        this.values = List.copyOf(values);
        this.tuple = tuple;
        long sum = 1;
        for (Value value : values) {
            sum = Limits.size(sum + value.weight());
        }
        this.weight = sum;
    }

    static Items list(List<Value> values) {
        return new Items(values, false);
    }

    static Items tuple(List<Value> values) {
        return new Items(values, true);
    }

    static Items pair(Value first, Value second) {
        return new Items(List.of(first, second), true);
    }

    List<Value> values() {
        return values;
    }

    boolean isTuple() {
        return tuple;
    }

    Items repeat(long times) {
        long count = Math.max(0, times);
        if (!values.isEmpty() && count > Limits.SIZE / weight) {
            Limits.size(Long.MAX_VALUE);
        }
        List<Value> all = new ArrayList<>();
        for (long i = 0; i < count && !values.isEmpty(); i++) {
            all.addAll(values);
        }
        return new Items(all, tuple);
    }

    @Override
    public String typeName() {
        return tuple ? "tuple" : "list";
    }

    @Override
    public String repr() {
        TextBuilder text = new TextBuilder().append(tuple ? '(' : '[');
        String separator = "";
        for (Value value : values) {
            text.append(separator).append(value.repr());
            separator = ", ";
        }
        if (tuple && values.size() == 1) {
            text.append(',');
        }
        return text.append(tuple ? ')' : ']').toString();
    }

    @Override
    public boolean truth() {
        return !values.isEmpty();
    }

    @Override
    public long weight() {
        return weight;
    }

    @Override
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator() {
        return values.iterator();
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return values.size();
    }

    @Override
    public Iterator<Value> reversed() {
        List<Value> reversed = new ArrayList<>(values);
        Collections.reverse(reversed);
        return reversed.iterator();
    }

    @Override
    public Value attribute(String name) {
        return switch (name) {
            case "count" -> Function.method(this, name, args -> count(args.positional(1, 1).value(0)));
            case "index" -> Function.method(this, name, args -> index(args.positional(1, 1).value(0)));
            default -> Value.super.attribute(name);
        };
    }

    private Value count(Value sought) {
        return new Int(values.stream().filter(value -> Operators.equal(value, sought)).count());
    }

    private Value index(Value sought) {
        for (int i = 0; i < values.size(); i++) {
            if (Operators.equal(values.get(i), sought)) {
                return new Int(i);
            }
        }
        throw new Failure(sought.repr() + " is not in " + typeName());
    }

    @Override
    public Value item(Value key) {
        if (!Operators.isInteger(key)) {
            return Value.super.item(key);
        }
        long index = Operators.integer(key);
        long fromStart = index < 0 ? index + values.size() : index;
        if (fromStart < 0 || fromStart >= values.size()) {
            return Undefined.element(this, key);
        }
        return values.get((int) fromStart);
    }

    @Override
    public Value slice(Slice slice) {
        List<Value> part = new ArrayList<>();
        slice.forEachIndex(values.size(), index -> part.add(values.get(index)));
        return new Items(part, tuple);
    }
}
