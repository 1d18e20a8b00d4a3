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
    private final long weight;

    Dict(Map<Value, Value> entries) {
        this.entries = new LinkedHashMap<>(entries);
        long sum = 1;
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            Value key = entry.getKey();
            if (!(key instanceof Text || key instanceof Int || key instanceof None)) {
                throw Failure.unsupported("a dict key of type " + key.typeName());
            }
            sum = Limits.size(sum + key.weight() + entry.getValue().weight());
        }
        this.weight = sum;
    }

    Map<Value, Value> entries() {
        return entries;
    }

    Optional<Value> find(Value key) {
        return Optional.ofNullable(entries.get(key(key)));
    }

    /** The key under which Python would find it: {@code True}, {@code 1.0} and {@code 1} are one key. */
    static Value key(Value key) {
        if (key instanceof Items || key instanceof Dict) {
            throw new Failure("unhashable type: '" + key.typeName() + "'");
        }
        if (key instanceof Bool bool) {
            return new Int(bool.ordinal());
        }
        if (key instanceof Real real && real.value() == (long) real.value()) {
            return new Int((long) real.value());
        }
        return key instanceof SafeText safe ? new Text(safe.value()) : key;
    }

    List<Value> items() {
        List<Value> items = new ArrayList<>();
        entries.forEach((key, value) -> items.add(Items.pair(key, value)));
        return items;
    }

    @Override
    public String typeName() {
        return "dict";
    }

    @Override
    public String repr() {
        TextBuilder text = new TextBuilder().append('{');
        String separator = "";
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            text.append(separator).append(entry.getKey().repr()).append(": ").append(entry.getValue().repr());
            separator = ", ";
        }
        return text.append('}').toString();
    }

    @Override
    public boolean truth() {
        return !entries.isEmpty();
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
        return entries.keySet().iterator();
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return entries.size();
    }

    @Override
    public Iterator<Value> reversed() {
        return Items.list(List.copyOf(entries.keySet())).reversed();
    }

    /** A method hides the item of its name, as in Jinja2: {@code message.items} is the method. */
    @Override
    public Value attribute(String name) {
        return switch (name) {
            case "items" -> view(name, this::items);
            case "keys" -> view(name, () -> List.copyOf(entries.keySet()));
            case "values" -> view(name, () -> List.copyOf(entries.values()));
            case "get" -> Function.method(this, name, this::get);
            case "copy" -> Function.method(this, name, args -> {
                args.positional(0, 0);
                return this;
            });
            default -> {
                Attributes.refuseKnown(this, name);
                yield find(new Text(name)).orElseGet(() -> Undefined.attribute(this, name));
            }
        };
    }

    private Value view(String name, Supplier<List<Value>> items) {
        return Function.method(this, name, args -> {
            args.positional(0, 0);
            return new DictView("dict_" + name, Items.list(items.get()));
        });
    }

    private Value get(Arguments arguments) {
        Arguments args = arguments.positional(1, 2);
        return find(args.value(0)).orElseGet(() -> args.valueOr(1, None.NONE));
    }

    @Override
    public Value item(Value key) {
        // Jinja2 turns a look-up that fails for an unhashable key into undefined.
        Optional<Value> found = key instanceof Items || key instanceof Dict ? Optional.empty() : find(key);
        return found.orElseGet(() -> Value.super.item(key));
    }
}
