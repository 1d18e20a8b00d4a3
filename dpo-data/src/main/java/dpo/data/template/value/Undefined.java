package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * Jinja2's {@code Undefined}: it prints as the empty text, is false and empty, and fails on any other use.
 *
 * @param message the failure's message, built on demand
 */
public record Undefined(Supplier<String> message) implements Container {
    /** Characters of a key that a message shows. */
    private static final int SHOWN = 100;

    /** {@return an undefined value with a message} */
    public static Undefined because(String message) {
        return new Undefined(() -> message);
    }

    /** {@return the value of an undefined variable} */
    public static Undefined name(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    /** {@return the value of an attribute that the owner does not have} */
    public static Undefined attribute(Value owner, String name) {
        String type = owner.typeName();
        return new Undefined(() -> "'" + type + " object' has no attribute '" + name + "'");
    }

    /** {@return the value of an item that the owner does not have} */
    public static Undefined element(Value owner, Value key) {
        String type = owner.typeName();
        String shown = shown(key);
        return new Undefined(() -> type + " object has no element " + shown);
    }

    private static String shown(Value key) {
        if (key instanceof Str text) {
            return "'" + text.value().substring(0, Math.min(SHOWN, text.value().length())) + "'";
        }
        return key instanceof Int index ? Long.toString(index.value()) : "of type " + key.typeName();
    }

    /** {@return the failure of a use of this value} */
    public Failure failure() {
        return new Failure(message.get());
    }

    @Override
    public String typeName() {
        return "Undefined";
    }

    @Override
    public void repr(TextBuilder out) {
        out.append("Undefined");
    }

    @Override
    public String str(Meter meter) {
        return "";
    }

    @Override
    public boolean truth() {
        return false;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return Collections.emptyIterator();
    }

    @Override
    public long length(Meter meter) {
        return 0;
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return Collections.emptyIterator();
    }

    @Override
    public Value attribute(Meter meter, String name) {
        throw failure();
    }

    @Override
    public Value item(Meter meter, Value key) {
        throw failure();
    }

    @Override
    public Value slice(Meter meter, Slice slice) {
        throw failure();
    }

    /** All undefined values are equal in Jinja2, so they are the same key. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
