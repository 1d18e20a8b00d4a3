package dpo.data.template.operator;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Characters;
import dpo.data.template.value.Equality;
import dpo.data.template.value.Items;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Str;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's {@code <}, {@code <=}, {@code >} and {@code >=}, and sorting by them. */
public final class Ordering {
    private Ordering() {}

    /** {@return whether {@code left operator right} holds} */
    public static boolean ordered(Meter meter, String operator, Value left, Value right) {
        meter.step();
        if (Numbers.isNaN(left) || Numbers.isNaN(right)) {
            throw Failure.unsupported("ordering nan");
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return holds(operator, Equality.compareNumbers(meter, left, right));
        }
        if (left instanceof Str a && right instanceof Str b) {
            meter.walk(Math.min(a.value().length(), b.value().length()));
            return holds(operator, Characters.compare(a.value(), b.value()));
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            return orderedItems(meter, operator, a.values(), b.values());
        }
        throw Arithmetic.unsupported(operator, left, right);
    }

    /** The first items that differ decide, else the lengths. */
    private static boolean orderedItems(Meter meter, String operator, List<Value> left, List<Value> right) {
        for (int i = 0; i < left.size() && i < right.size(); i++) {
            if (!Equality.equal(meter, left.get(i), right.get(i))) {
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

    /** {@return the values sorted by keys, which are compared with {@code <}; stable, also in reverse} */
    public static List<Value> sort(Meter meter, List<Value> values, UnaryOperator<Value> key, boolean reverse) {
        record Keyed(Value key, Value value) {}

        meter.slots(values.size(), 3);
        List<Keyed> keyed = new ArrayList<>();
        values.forEach(value -> keyed.add(new Keyed(key.apply(value), value)));
        Comparator<Keyed> order =
                (a, b) -> ordered(meter, "<", a.key(), b.key()) ? -1 : ordered(meter, "<", b.key(), a.key()) ? 1 : 0;
        keyed.sort(reverse ? order.reversed() : order);
        return keyed.stream().map(Keyed::value).toList();
    }
}
