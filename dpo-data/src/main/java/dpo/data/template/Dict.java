package dpo.data.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Python's {@code dict} in insertion order, with text, integer or None keys; it does not change. */
final class Dict implements Value {
    private final Map<Value, Value> entries;
    private final int depth;

    Dict(Meter meter, Map<Value, Value> entries) {
        meter.shell();
        meter.entries(entries.size());
        this.entries = new LinkedHashMap<>(entries);
        int deepest = 0;
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            Value key = entry.getKey();
            if (!(key instanceof Text || key instanceof Int || key instanceof None)) {
                throw Failure.unsupported("a dict key of type " + key.typeName());
            }
            deepest = Math.max(deepest, entry.getValue().depth());
        }
        this.depth = Limits.nested(deepest);
    }

    /** Adds an entry to a dict under construction; an equal key is compared character by character. */
    static void put(Meter meter, Map<Value, Value> entries, Value key, Value value) {
        if (key instanceof Text text) {
            meter.walk(text.value().length());
        }
        entries.put(key, value);
    }

    Map<Value, Value> entries() {
        return entries;
    }

    Optional<Value> find(Meter meter, Value key) {
        return Optional.ofNullable(entries.get(key(meter, key)));
    }

    /** The key under which Python would find it: {@code True}, {@code 1.0} and {@code 1} are one key. */
    static Value key(Meter meter, Value key) {
        if (key instanceof Items || key instanceof Dict) {
            throw new Failure("unhashable type: '" + key.typeName() + "'");
        }
        if (key instanceof Bool bool) {
            return new Int(bool.ordinal());
        }
        if (key instanceof Real real && real.value() == Math.rint(real.value()) && Math.abs(real.value()) < 0x1p63) {
            return new Int((long) real.value());
        }
        if (key instanceof Text text) {
            meter.walk(text.value().length());
        }
        return key instanceof SafeText safe ? Text.of(meter, safe.value()) : key;
    }

    /** {@return the pairs of key and value} */
    List<Value> items(Meter meter) {
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return new Counted<>(meter, entries.keySet().iterator(), key -> key);
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length(Meter meter) {
        return entries.size();
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return Items.list(meter, List.copyOf(entries.keySet())).reversed(meter);
    }

    /** A method hides the item of its name, as in Jinja2: {@code message.items} is the method. */
    @Override
    public Value attribute(Meter meter, String name) {
        return switch (name) {
            case "items" -> view(meter, name, () -> items(meter));
            case "keys" -> view(meter, name, () -> List.copyOf(entries.keySet()));
            case "values" -> view(meter, name, () -> List.copyOf(entries.values()));
            case "get" -> Function.of(meter, name, this::get);
            case "copy" -> Function.of(meter, name, (call, args) -> {
                args.positional(0, 0);
                return this;
            });
            default -> {
                Attributes.refuseKnown(this, name);
                yield find(meter, Text.literal(name)).orElseGet(() -> Undefined.attribute(this, name));
            }
        };
    }

    private static Value view(Meter meter, String name, Supplier<List<Value>> items) {
        return Function.of(meter, name, (call, args) -> {
            args.positional(0, 0);
            return new DictView("dict_" + name, Items.list(call, items.get()));
        });
    }

    private Value get(Meter meter, Arguments arguments) {
        Arguments args = arguments.positional(1, 2);
        return find(meter, args.value(0)).orElseGet(() -> args.valueOr(1, None.NONE));
    }

    @Override
    public Value item(Meter meter, Value key) {
        // Jinja2 turns a look-up that fails for an unhashable key into undefined.
        Optional<Value> found = key instanceof Items || key instanceof Dict ? Optional.empty() : find(meter, key);
        return found.orElseGet(() -> Value.super.item(meter, key));
    }
}
