package dpo.data.template;

import java.util.Iterator;

/** A Python generator: lazy, walked through once, true even when empty. */
record Stream(Iterator<Value> iterator) implements Value {
    @Override
    public String typeName() {
        return "generator";
    }

    /** Python prints an address, which no prompt can want. */
    @Override
    public String repr() {
        throw Failure.unsupported("printing a generator (add the filter list)");
    }

    @Override
    public boolean iterable() {
        return true;
    }
}
