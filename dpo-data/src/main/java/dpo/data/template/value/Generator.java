package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import java.util.Iterator;

/** A Python generator: lazy, consumed by its first pass, true even when empty. */
public final class Generator implements Value {
    private final Iterator<Value> items;
    private final int depth;

    private Generator(Iterator<Value> items, int depth) {
        this.items = items;
        this.depth = depth;
    }

    /** {@return a generator over the items of a value, nested one level deeper than that value} */
    public static Generator of(Meter meter, Value source, Iterator<Value> items) {
        meter.shell();
        meter.shell();
        return new Generator(items, Limits.nested(source.depth()));
    }

    @Override
    public String typeName() {
        return "generator";
    }

    /** Python would print an address. */
    @Override
    public void repr(TextBuilder out) {
        throw Failure.unsupported("printing a generator (add the filter list)");
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
        return items;
    }
}
