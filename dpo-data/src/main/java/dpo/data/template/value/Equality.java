package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Map;

/** Python's {@code ==}: numbers of all types are compared by value, sequences and dicts item by item. */
public final class Equality {
    /** Number of steps charged for the exact decimal of a float. */
    private static final int DECIMAL = 50;

    private Equality() {}

    /** {@return whether two values are equal} */
    public static boolean equal(Meter meter, Value left, Value right) {
        meter.step();
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return !Numbers.isNaN(left) && !Numbers.isNaN(right) && compareNumbers(meter, left, right) == 0;
        }
        if (left instanceof Items a && right instanceof Items b) {
            return a.isTuple() == b.isTuple() && equalItems(meter, a, b);
        }
        if (left instanceof Dict a && right instanceof Dict b) {
            return equalDicts(meter, a, b);
        }
        if (left instanceof Range a && right instanceof Range b) {
            return a.sameItems(b);
        }
        if (left instanceof Markup
                || right instanceof Markup
                || left instanceof DictView
                || right instanceof DictView
                || (left instanceof Callable && right instanceof Callable)) {
            throw Failure.unsupported("comparing " + left.typeName() + " with " + right.typeName());
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        if (left instanceof Str a && right instanceof Str b) {
            meter.walk(Math.min(a.value().length(), b.value().length()));
            return left.equals(right);
        }
        return left == right;
    }

    private static boolean equalItems(Meter meter, Items left, Items right) {
        if (left.values().size() != right.values().size()) {
            return false;
        }
        Iterator<Value> other = right.values().iterator();
        for (Value value : left.values()) {
            if (!equal(meter, value, other.next())) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalDicts(Meter meter, Dict left, Dict right) {
        if (left.entries().size() != right.entries().size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : left.entries().entrySet()) {
            if (right.find(meter, entry.getKey())
                    .filter(value -> equal(meter, entry.getValue(), value))
                    .isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** {@return the sign of the exact difference, also if a long has more digits than a double} */
    public static int compareNumbers(Meter meter, Value left, Value right) {
        if (Numbers.isInteger(left) && Numbers.isInteger(right)) {
            return Long.compare(Numbers.integer(left), Numbers.integer(right));
        }
        double a = Numbers.real(left);
        double b = Numbers.real(right);
        if (a != b || (left instanceof Real && right instanceof Real)) {
            // Rounding to a double keeps the order.
            return a < b ? -1 : a > b ? 1 : 0;
        }
        meter.steps(DECIMAL);
        return exact(left).compareTo(exact(right));
    }

    private static BigDecimal exact(Value number) {
        return number instanceof Real real ? new BigDecimal(real.value()) : BigDecimal.valueOf(Numbers.integer(number));
    }
}
