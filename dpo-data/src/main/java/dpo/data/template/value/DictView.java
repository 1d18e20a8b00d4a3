package dpo.data.template.value;

import dpo.data.template.meter.Meter;
import java.util.Iterator;

/**
 * The result of {@code items()}, {@code keys()} or {@code values()} of a dict, which has no index.
 *
 * @param typeName Python's name of the type
 * @param items the items
 */
public record DictView(String typeName, Items items) implements Container {
    @Override
    public void repr(TextBuilder out) {
        items.repr(out.append(typeName).append('('));
        out.append(')');
    }

    @Override
    public boolean truth() {
        return items.truth();
    }

    @Override
    public int depth() {
        return items.depth();
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return items.iterator(meter);
    }

    @Override
    public long length(Meter meter) {
        return items.length(meter);
    }

    @Override
    public Iterator<Value> reversed(Meter meter) {
        return items.reversed(meter);
    }
}
