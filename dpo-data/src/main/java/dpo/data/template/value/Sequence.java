package dpo.data.template.value;

import dpo.data.template.meter.Meter;
import java.util.Iterator;
import java.util.stream.LongStream;

/** A container whose items are found by position. */
sealed interface Sequence extends Container permits Items, Range, Str {
    /** {@return the item at a position from 0 to the length - 1} */
    Value at(Meter meter, long position);

    @Override
    default Iterator<Value> iterator(Meter meter) {
        return Iterators.map(meter, LongStream.range(0, length(meter)).iterator(), position -> at(meter, position));
    }

    @Override
    default Iterator<Value> reversed(Meter meter) {
        long last = length(meter) - 1;
        return Iterators.map(meter, LongStream.rangeClosed(0, last).iterator(), i -> at(meter, last - i));
    }

    /** An index below 0 counts from the end; one outside of the sequence is undefined. */
    @Override
    default Value item(Meter meter, Value key) {
        if (!Numbers.isInteger(key)) {
            return Container.super.item(meter, key);
        }
        long index = Numbers.integer(key);
        long length = length(meter);
        long position = index < 0 ? index + length : index;
        return position < 0 || position >= length ? Undefined.element(this, key) : at(meter, position);
    }
}
