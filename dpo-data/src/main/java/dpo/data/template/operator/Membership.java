package dpo.data.template.operator;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Search;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Equality;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Range;
import dpo.data.template.value.Str;
import dpo.data.template.value.Value;
import java.util.Iterator;

/** Python's {@code in}. */
public final class Membership {
    private Membership() {}

    /** {@return whether {@code item in container} holds} */
    public static boolean contains(Meter meter, Value container, Value item) {
        if (container instanceof Str text) {
            return Search.first(meter, text.value(), Str.require(item), 0) >= 0;
        }
        if (container instanceof Dict dict) {
            return dict.find(meter, item).isPresent();
        }
        if (container instanceof Range range && Numbers.isInteger(item)) {
            return range.holds(Numbers.integer(item));
        }
        if (!container.iterable()) {
            throw new Failure("argument of type '" + container.typeName() + "' is not iterable");
        }
        for (Iterator<Value> values = container.iterator(meter); values.hasNext(); ) {
            if (Equality.equal(meter, values.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
