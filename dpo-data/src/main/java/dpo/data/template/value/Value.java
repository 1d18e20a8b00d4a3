package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A value of a template, with the operations of Python on it. The defaults are those of an object without any
 * operation. An operation whose time grows with the value, or that builds a value, charges the meter.
 */
public sealed interface Value permits Container, None, Bool, Int, Real, Markup, Generator, Namespace, Loop, Callable {
    /** {@return Python's name of the type, for messages} */
    String typeName();

    /** Appends Python's {@code repr(value)}. */
    void repr(TextBuilder out);

    /** {@return Python's {@code repr(value)}} */
    default String repr(Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        repr(out);
        return out.toString();
    }

    /** {@return Python's {@code str(value)}: the text that a template prints} */
    default String str(Meter meter) {
        return repr(meter);
    }

    /** {@return Python's {@code bool(value)}} */
    default boolean truth() {
        return true;
    }

    /** {@return the nesting of values within this one} */
    default int depth() {
        return 0;
    }

    /** {@return whether {@link #iterator} works} */
    default boolean iterable() {
        return false;
    }

    /** {@return Python's {@code iter(value)}, which charges each item} */
    default Iterator<Value> iterator(Meter meter) {
        throw new Failure("'" + typeName() + "' object is not iterable");
    }

    /** {@return Python's {@code len(value)}} */
    default long length(Meter meter) {
        throw new Failure("object of type '" + typeName() + "' has no len()");
    }

    /** {@return Python's {@code reversed(value)}, which charges each item} */
    default Iterator<Value> reversed(Meter meter) {
        throw new Failure("'" + typeName() + "' object is not reversible");
    }

    /** {@return Jinja2's {@code value.name}: a method of the Python type, else an item, else undefined} */
    default Value attribute(Meter meter, String name) {
        UnsupportedAttributes.refuse(this, name);
        return Undefined.attribute(this, name);
    }

    /** {@return Jinja2's {@code value[key]}: an item, else (for a text key) an attribute, else undefined} */
    default Value item(Meter meter, Value key) {
        return key instanceof Str name ? attribute(meter, name.value()) : Undefined.element(this, key);
    }

    /** {@return Python's {@code value[start:stop:step]}} */
    default Value slice(Meter meter, Slice slice) {
        throw new Failure("'" + typeName() + "' object can't be sliced");
    }

    /** {@return all items, in one pass} */
    default List<Value> toList(Meter meter) {
        List<Value> items = new ArrayList<>();
        for (Iterator<Value> rest = iterator(meter); rest.hasNext(); ) {
            meter.slots(1);
            items.add(rest.next());
        }
        return items;
    }
}
