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
    static boolean equal(Value left, Value right) {
        if (isNumber(left) && isNumber(right)) {
            return compareNumbers(left, right) == 0 && !isNaN(left) && !isNaN(right);
        }
        if (left instanceof Items a && right instanceof Items b) {
            return a.isTuple() == b.isTuple() && equalItems(a, b);
        }
        if (left instanceof Dict a && right instanceof Dict b) {
            return equalDicts(a, b);
        }
        if (left instanceof Range a && right instanceof Range b) {
            return equalItems(a.items(), b.items());
        }
        if (left instanceof SafeText || right instanceof SafeText || left instanceof DictView
                || right instanceof DictView || left instanceof Function && right instanceof Function) {
            throw Failure.unsupported("comparing " + left.typeName() + " with " + right.typeName());
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        return left instanceof Text ? left.equals(right) : left == right;
    }

    private static boolean isNaN(Value value) {
        return value instanceof Real real && Double.isNaN(real.value());
    }

    private static boolean equalItems(Items left, Items right) {
        if (left.length() != right.length()) {
            return false;
        }
        Iterator<Value> other = right.iterator();
        for (Value value : left.values()) {
            if (!equal(value, other.next())) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalDicts(Dict left, Dict right) {
        if (left.length() != right.length()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : left.entries().entrySet()) {
            if (right.find(entry.getKey()).filter(value -> equal(entry.getValue(), value)).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Exact even where a long has more digits than a double. */
    private static int compareNumbers(Value left, Value right) {
        if (isInteger(left) && isInteger(right)) {
            return Long.compare(integer(left), integer(right));
        }
        double a = real(left);
        double b = real(right);
        if (Double.isFinite(a) && Double.isFinite(b)) {
            return exact(left).compareTo(exact(right));
        }
        return Double.compare(a, b);
    }

    private static BigDecimal exact(Value number) {
        return number instanceof Real real ? new BigDecimal(real.value()) : BigDecimal.valueOf(integer(number));
    }

    /** Whether {@code left operator right}, the operator being one of {@code < <= > >=}. */
    static boolean ordered(String operator, Value left, Value right) {
        if (isNaN(left) || isNaN(right)) {
            throw Failure.unsupported("ordering nan");
        }
        if (isNumber(left) && isNumber(right)) {
            return holds(operator, compareNumbers(left, right));
        }
        if (left instanceof Text a && right instanceof Text b) {
            return holds(operator, Characters.compare(a.value(), b.value()));
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            return orderedItems(operator, a.values(), b.values());
        }
        throw failure(operator, left, right);
    }

    /** The first items that differ decide, else the lengths. */
    private static boolean orderedItems(String operator, List<Value> left, List<Value> right) {
        for (int i = 0; i < left.size() && i < right.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return ordered(operator, left.get(i), right.get(i));
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
    static List<Value> sort(List<Value> values, UnaryOperator<Value> key, boolean reverse) {
        record Keyed(Value key, Value value) {}

        List<Keyed> keyed = new ArrayList<>();
        values.forEach(value -> keyed.add(new Keyed(key.apply(value), value)));
        Comparator<Keyed> order = (a, b) -> ordered("<", a.key(), b.key()) ? -1
                : ordered("<", b.key(), a.key()) ? 1 : 0;
        keyed.sort(reverse ? order.reversed() : order);
        return keyed.stream().map(Keyed::value).toList();
    }

    /** Python's {@code item in container}. */
    static boolean contains(Value container, Value item) {
        if (container instanceof Text text) {
            return Search.first(text.value(), text(item), 0) >= 0;
        }
        if (container instanceof Dict dict) {
            return dict.find(item).isPresent();
        }
        if (container instanceof SafeText || !container.iterable()) {
            throw new Failure("argument of type '" + container.typeName() + "' is not iterable");
        }
        for (Iterator<Value> values = container.iterator(); values.hasNext(); ) {
            if (equal(values.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
