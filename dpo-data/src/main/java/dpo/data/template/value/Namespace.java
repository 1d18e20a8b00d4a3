package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Jinja2's {@code namespace(...)}: the only value that a template can change. */
public final class Namespace implements Value {
    private final Map<String, Value> attributes = new HashMap<>();

    /** Jinja2's {@code namespace(mapping, name=value, …)}. */
    public static Namespace of(Meter meter, Arguments args) {
        Namespace namespace = new Namespace();
        meter.shell();
        Dict initial = Dict.of(meter, args);
        initial.entries().forEach((key, value) -> namespace.set(meter, Str.require(key), value));
        return namespace;
    }

    /** Sets an attribute; like transformers, refuses names that begin with an underscore. */
    public void set(Meter meter, String name, Value value) {
        if (name.startsWith("_")) {
            throw new Failure("a namespace cannot store attributes that start with an underscore, got '" + name + "'");
        }
        meter.walk(name.length());
        if (attributes.put(name, value) == null) {
            meter.entries(1);
        }
    }

    @Override
    public String typeName() {
        return "Namespace";
    }

    @Override
    public void repr(TextBuilder out) {
        throw Failure.unsupported("printing a namespace");
    }

    @Override
    public Value attribute(Meter meter, String name) {
        meter.walk(name.length());
        return Optional.ofNullable(attributes.get(name)).orElseGet(() -> Undefined.attribute(this, name));
    }
}
