package dpo.data.template;

import java.util.Collections;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * Jinja2's {@code Undefined}: prints as nothing, is false and empty, and fails with its message on anything else.
 *
 * @param message what was not there, put into words only when it is asked for
 */
record Undefined(Supplier<String> message) implements Value {
    /** Characters of a key that a message shows. */
    private static final int SHOWN = 100;

    static Undefined because(String message) {
        return new Undefined(() -> message);
    }

    static Undefined name(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    static Undefined attribute(Value owner, String name) {
        String type = owner.typeName();
        return new Undefined(() -> "'" + type + " object' has no attribute '" + name + "'");
    }

    static Undefined element(Value owner, Value key) {
        String type = owner.typeName();
        String shown = shown(key);
        return new Undefined(() -> type + " object has no element " + shown);
    }

    private static String shown(Value key) {
        if (key instanceof Text text) {
            return "'" + text.value().substring(0, Math.min(SHOWN, text.value().length())) + "'";
        }
        return key instanceof Int index ? Long.toString(index.value()) : "of type " + key.typeName();
    }

    Failure failure() {
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return Collections.emptyIterator();
    }

    @Override
    public boolean sized() {
        return true;
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

    /** All undefined values are equal in Jinja2, so they are one key. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
