package dpo.data.template;

import java.util.Iterator;

/** What {@code items()}, {@code keys()} and {@code values()} of a dict give: it can be walked through, not indexed. */
record DictView(String typeName, Items items) implements Value {
    @Override
    public String repr() {
        return typeName + "(" + items.repr() + ")";
    }

    @Override
    public boolean truth() {
        return items.truth();
    }

    @Override
    public long weight() {
        return items.weight();
    }

    @Override
    public boolean iterable() {
        return true;
    }

    @Override
    public Iterator<Value> iterator() {
        return items.iterator();
    }

    @Override
    public boolean sized() {
        return true;
    }

    @Override
    public long length() {
        return items.length();
    }

    @Override
    public Iterator<Value> reversed() {
        return items.reversed();
    }
}
