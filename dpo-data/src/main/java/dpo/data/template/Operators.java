package dpo.data.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Equality, order and membership as Python has them, and what counts as an integer, number or text. */
final class Operators {
    /** Steps of an exact decimal of a float. */
    private static final int DECIMAL = 50;

    private Operators() {}

    static boolean isInteger(Value value) {
        return value instanceof Int || value instanceof Bool;
    }

    static boolean isNumber(Value value) {
        return isInteger(value) || value instanceof Real;
    }

    static long integer(Value value) {
        return value instanceof Int number ? number.value() : ((Bool) value).ordinal();
    }

    static double real(Value value) {
        return value instanceof Real number ? number.value() : integer(value);
    }

    /** {@return an argument that must be an integer} */
    static long index(Value value) {
        if (!isInteger(value)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new Failure("an integer is needed, got " + value.typeName());
        }
        return integer(value);
    }

    /** {@return an argument that must be a text} */
    static String text(Value value) {
        if (!(value instanceof Text text)) {
            throw new Failure("a string is needed, got " + value.typeName());
        }
        return text.value();
    }

    /** Python's {@code ==}: numbers of all types are compared by value, sequences and dicts item by item. */
    static boolean equal(Meter meter, Value left, Value right) {
        meter.step();
        if (isNumber(left) && isNumber(right)) {
            return !isNaN(left) && !isNaN(right) && compareNumbers(meter, left, right) == 0;
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
        if (left instanceof SafeText || right instanceof SafeText || left instanceof DictView
                || right instanceof DictView || left instanceof Function && right instanceof Function) {
            throw Failure.unsupported("comparing " + left.typeName() + " with " + right.typeName());
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        if (left instanceof Text a && right instanceof Text b) {
            meter.walk(Math.min(a.value().length(), b.value().length()));
            return left.equals(right);
        }
        return left == right;
    }

    private static boolean isNaN(Value value) {
        return value instanceof Real real && Double.isNaN(real.value());
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
            if (right.find(meter, entry.getKey()).filter(value -> equal(meter, entry.getValue(), value)).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Exact even where a long has more digits than a double. */
    private static int compareNumbers(Meter meter, Value left, Value right) {
        if (isInteger(left) && isInteger(right)) {
            return Long.compare(integer(left), integer(right));
        }
        double a = real(left);
        double b = real(right);
        if (a != b || left instanceof Real && right instanceof Real) {
            // Rounding to a double keeps the order.
            return a < b ? -1 : a > b ? 1 : 0;
        }
        meter.steps(DECIMAL);
        return exact(left).compareTo(exact(right));
    }

    private static BigDecimal exact(Value number) {
        return number instanceof Real real ? new BigDecimal(real.value()) : BigDecimal.valueOf(integer(number));
    }

    /** Whether {@code left operator right}, the operator being one of {@code < <= > >=}. */
    static boolean ordered(Meter meter, String operator, Value left, Value right) {
        meter.step();
        if (isNaN(left) || isNaN(right)) {
            throw Failure.unsupported("ordering nan");
        }
        if (isNumber(left) && isNumber(right)) {
            return holds(operator, compareNumbers(meter, left, right));
        }
        if (left instanceof Text a && right instanceof Text b) {
            meter.walk(Math.min(a.value().length(), b.value().length()));
            return holds(operator, Characters.compare(a.value(), b.value()));
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            return orderedItems(meter, operator, a.values(), b.values());
        }
        throw failure(operator, left, right);
    }

    /** The first items that differ decide, else the lengths. */
    private static boolean orderedItems(Meter meter, String operator, List<Value> left, List<Value> right) {
        for (int i = 0; i < left.size() && i < right.size(); i++) {
            if (!equal(meter, left.get(i), right.get(i))) {
                return ordered(meter, operator, left.get(i), right.get(i));
            }
        }
        return holds(operator, Integer.compare(left.size(), right.size()));
    }

    private static boolean holds(String operator, int comparison) {
        return switch (operator) {
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            default -> comparison >= 0;
        };
    }

    /** What Python says when an operator doesn't fit its operands. */
    static Failure failure(String operator, Value left, Value right) {
        if (left instanceof Undefined undefined) {
            return undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            return undefined.failure();
        }
        return new Failure("unsupported operand types for " + operator + ": '" + left.typeName() + "' and '"
                + right.typeName() + "'");
    }

    /** Sorts by keys that are compared with {@code <} alone, stable in both directions. */
    static List<Value> sort(Meter meter, List<Value> values, UnaryOperator<Value> key, boolean reverse) {
        record Keyed(Value key, Value value) {}

        meter.slots(values.size(), 3);
        List<Keyed> keyed = new ArrayList<>();
        values.forEach(value -> keyed.add(new Keyed(key.apply(value), value)));
        Comparator<Keyed> order = (a, b) -> ordered(meter, "<", a.key(), b.key()) ? -1
                : ordered(meter, "<", b.key(), a.key()) ? 1 : 0;
        keyed.sort(reverse ? order.reversed() : order);
        return keyed.stream().map(Keyed::value).toList();
    }

    /** Python's {@code item in container}. */
    static boolean contains(Meter meter, Value container, Value item) {
        if (container instanceof Text text) {
            return Search.first(meter, text.value(), text(item), 0) >= 0;
        }
        if (container instanceof Dict dict) {
            return dict.find(meter, item).isPresent();
        }
        if (container instanceof Range range && isInteger(item)) {
            return range.holds(integer(item));
        }
        if (container instanceof SafeText || !container.iterable()) {
            throw new Failure("argument of type '" + container.typeName() + "' is not iterable");
        }
        for (Iterator<Value> values = container.iterator(meter); values.hasNext(); ) {
            if (equal(meter, values.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
