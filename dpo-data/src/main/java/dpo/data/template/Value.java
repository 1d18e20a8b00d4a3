package dpo.data.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A value of a template: one of Python's types, with what Python (and Jinja2's {@code Undefined}) does with it.
 * The defaults are those of an object that can do nothing.
 */
sealed interface Value
        permits Undefined, None, Bool, Int, Real, Text, SafeText, Items, Dict, DictView, Range, Stream, Namespace,
                Loop, Function {
    /** {@return Python's name of the type, for messages} */
    String typeName();

    /** {@return Python's {@code repr(value)}} */
    String repr();

    /** {@return Python's {@code str(value)}: what is printed} */
    default String str() {
        return repr();
    }

    /** {@return Python's {@code bool(value)}} */
    default boolean truth() {
        return true;
    }

    /** {@return characters and items in the value, nested ones included: what it costs to walk through it} */
    default long weight() {
        return 1;
    }

    /** {@return whether {@link #iterator} works} */
    default boolean iterable() {
        return false;
    }

    /** {@return Python's {@code iter(value)}} */
    default Iterator<Value> iterator() {
        throw new Failure("'" + typeName() + "' object is not iterable");
    }

    /** {@return whether {@link #length} works} */
    default boolean sized() {
        return false;
    }

    /** {@return Python's {@code len(value)}} */
    default long length() {
        throw new Failure("object of type '" + typeName() + "' has no len()");
    }

    /** {@return the items last first, as Python's {@code reversed(value)} gives them} */
    default Iterator<Value> reversed() {
        throw new Failure("'" + typeName() + "' object is not reversible");
    }

    /** {@return Jinja2's {@code value.name}: a method of the Python type, else an item, else undefined} */
    default Value attribute(String name) {
        Attributes.refuseKnown(this, name);
        return Undefined.attribute(this, name);
    }

    /** {@return Jinja2's {@code value[key]}: an item, else (for a text key) an attribute, else undefined} */
    default Value item(Value key) {
        return key instanceof Text name ? attribute(name.value()) : Undefined.element(this, key);
    }

    /** {@return Python's {@code value[start:stop:step]}} */
    default Value slice(Slice slice) {
        throw new Failure("'" + typeName() + "' object can't be sliced");
    }

    /** {@return all items, walked through once} */
    default List<Value> toList() {
        List<Value> items = new ArrayList<>();
        iterator().forEachRemaining(items::add);
        return items;
    }
}
