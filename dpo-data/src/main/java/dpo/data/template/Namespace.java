package dpo.data.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Jinja2's {@code namespace(...)}: the one value that a template can change. */
final class Namespace implements Value {
    private final Map<String, Value> attributes = new HashMap<>();

    static Namespace of(Arguments args) {
        Namespace namespace = new Namespace();
        Dict initial = Functions.dict(args);
        initial.entries().forEach((key, value) -> namespace.set(Operators.text(key), value));
        return namespace;
    }

    void set(String name, Value value) {
        attributes.put(name, value);
    }

    @Override
    public String typeName() {
        return "Namespace";
    }

    @Override
    public String repr() {
        throw Failure.unsupported("printing a namespace");
    }

    @Override
    public Value attribute(String name) {
        return Optional.ofNullable(attributes.get(name)).orElseGet(() -> Undefined.attribute(this, name));
    }
}
