package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Python's {@code dict} in insertion order, with text, integer or None keys; immutable. */
public final class Dict implements Container {
    private final Map<Value, Value> entries;
    private final int depth;

    /** Copies the entries. */
    public Dict(Meter meter, Map<Value, Value> entries) {
        meter.shell();
        meter.entries(entries.size());
        this.entries = new LinkedHashMap<>(entries);
        int deepest = 0;
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            Value key = entry.getKey();
            if (!(key instanceof Str || key instanceof Int || key instanceof None)) {
                throw Failure.unsupported("a dict key of type " + key.typeName());
            }
            deepest = Math.max(deepest, entry.getValue().depth());
        }
        this.depth = Limits.nested(deepest);
    }

    /** Python's {@code dict(mapping, name=value, …)}. */
    public static Dict of(Meter meter, Arguments args) {
        if (args.size() > 1) {
            throw new Failure("dict must get at most one positional argument, got " + args.size());
        }
        meter.entries(args.named().size());
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (args.size() == 1) {
            if (!(args.value(0) instanceof Dict initial)) {
                throw Failure.unsupported("a dict made of a " + args.value(0).typeName());
            }
            meter.entries(initial.entries().size());
            entries.putAll(initial.entries());
        }
        args.named().forEach((name, value) -> put(meter, entries, Str.literal(name), value));
        return new Dict(meter, entries);
    }

    /** Adds an entry to a dict under construction; the charge is for the comparison with an equal key. */
    public static void put(Meter meter, Map<Value, Value> entries, Value key, Value value) {
        if (key instanceof Str text) {
            meter.walk(text.value().length());
        }
        entries.put(key, value);
    }

    /** {@return the entries in order} */
    public Map<Value, Value> entries() {
        return entries;
    }

    /** {@return the value of a key} */
    public Optional<Value> find(Meter meter, Value key) {
        return Optional.ofNullable(entries.get(key(meter, key)));
    }

    /** {@return a key in its canonical form: {@code True}, {@code 1.0} and {@code 1} are the same key in Python} */
    public static Value key(Meter meter, Value key) {
        if (key instanceof Items || key instanceof Dict) {
            throw new Failure("unhashable type: '" + key.typeName() + "'");
        }
        if (key instanceof Bool bool) {
            return new Int(bool.number());
        }
        if (key instanceof Real real && real.value() == Math.rint(real.value()) && Math.abs(real.value()) < 0x1p63) {
            return new Int((long) real.value());
        }
        if (key instanceof Str text) {
            meter.walk(text.value().length());
        }
        return key instanceof Markup safe ? Str.of(meter, safe.value()) : key;
    }

    /** {@return the pairs of key and value} */
    public List<Value> items(Meter meter) {
        List<Value> items = new ArrayList<>();
        entries.forEach((key, value) -> items.add(Items.pair(meter, key, value)));
        return items;
    }

    @Override
    public String typeName() {
        return "dict";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append('{');
        String separator = "";
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            entry.getKey().repr(out.append(separator));
            entry.getValue().repr(out.append(": "));
            separator = ", ";
        }
        out.append('}');
    }

    @Override
    public boolean truth() {
        return !entries.isEmpty();
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return Iterators.map(meter, entries.keySet().iterator(), key -> key);
    }

    @Override
    public long length(Meter meter) {
        return entries.size();
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return Items.list(meter, List.copyOf(entries.keySet())).reversed(meter);
    }

    /** As in Jinja2, a method hides an item of the same name: {@code message.items} is the method. */
    @Override
    public Value attribute(Meter meter, String name) {
        return switch (name) {
            case "items" -> view(meter, name, () -> items(meter));
            case "keys" -> view(meter, name, () -> List.copyOf(entries.keySet()));
            case "values" -> view(meter, name, () -> List.copyOf(entries.values()));
            case "get" -> Callable.of(meter, name, this::get);
            case "copy" -> Callable.of(meter, name, (call, args) -> args.none(this));
            default -> {
                UnsupportedAttributes.refuse(this, name);
                yield find(meter, Str.literal(name)).orElseGet(() -> Undefined.attribute(this, name));
            }
        };
    }

    private static Value view(Meter meter, String name, Supplier<List<Value>> items) {
        return Callable.of(
                meter,
                name,
                (call, args) -> new DictView(
                        "dict_" + name, Items.list(call, args.none(items).get())));
    }

    private Value get(Meter meter, Arguments arguments) {
        Arguments args = arguments.positional(1, 2);
        return find(meter, args.value(0)).orElseGet(() -> args.valueOr(1, None.NONE));
    }

    @Override
    public Value item(Meter meter, Value key) {
        // In Jinja2 the look-up of an unhashable key is undefined.
        Optional<Value> found = key instanceof Items || key instanceof Dict ? Optional.empty() : find(meter, key);
        return found.orElseGet(() -> Container.super.item(meter, key));
    }
}
