package dpo.data.template;

import java.util.Collections;
import java.util.Iterator;

/**
 * Jinja2's {@code Undefined}: prints as nothing, is false and empty, and fails with its message on anything else.
 *
 * @param message what was not there
 */
record Undefined(String message) implements Value {
    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Value owner, String name) {
        return new Undefined("'" + owner.typeName() + " object' has no attribute '" + name + "'");
    }

    static Undefined element(Value owner, Value key) {
        return new Undefined(owner.typeName() + " object has no element " + key.repr());
    }

    Failure failure() {
        return new Failure(message);
    }

    @Override
    public String typeName() {
        return "Undefined";
    }

    @Override
    public String repr() {
        return "Undefined";
    }

    @Override
    public String str() {
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
    public Iterator<Value> iterator() {
        return Collections.emptyIterator();
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return 0;
    }

    @Override
    public Iterator<Value> reversed() {
        return Collections.emptyIterator();
    }

    @Override
    public Value attribute(String name) {
        throw failure();
    }

    @Override
    public Value item(Value key) {
        throw failure();
    }

    @Override
    public Value slice(Slice slice) {
        throw failure();
    }
}
