package dpo.data.template;

import java.util.Iterator;

/** What {@code items()}, {@code keys()} and {@code values()} of a dict give: it can be walked through, not indexed. */
record DictView(String typeName, Items items) implements Value {
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
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator(Meter meter) {
        return items.iterator(meter);
    }

    @Override
    public boolean sized() {
        return true;
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
