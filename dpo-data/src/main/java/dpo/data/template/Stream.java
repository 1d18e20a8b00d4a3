package dpo.data.template;

import java.util.Iterator;

/** A Python generator: lazy, walked through once, true even when empty. */
final class Stream implements Value {
    private final Iterator<Value> items;
    private final int depth;

    private Stream(Iterator<Value> items, int depth) {
        this.items = items;
        this.depth = depth;
    }

    /** {@return a generator over items that come from a value: generators nest, and are walked through, like values} */
    static Stream of(Meter meter, Value source, Iterator<Value> items) {
        meter.shell();
        meter.shell();
        return new Stream(items, Limits.nested(source.depth()));
    }

    @Override
    public String typeName() {
        return "generator";
    }

    /** Python prints an address, which no prompt can want. */
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
