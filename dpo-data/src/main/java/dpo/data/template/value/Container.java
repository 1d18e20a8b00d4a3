package dpo.data.template.value;

import dpo.data.template.meter.Meter;
import java.util.Iterator;

/** A value of known length whose items can be visited in order. */
public sealed interface Container extends Value permits Sequence, Dict, DictView, Undefined {
    @Override
    default boolean iterable() {
        return true;
    }

    @Override
    Iterator<Value> iterator(Meter meter);

    @Override
    long length(Meter meter);

    @Override
    Iterator<Value> reversed(Meter meter);
}
