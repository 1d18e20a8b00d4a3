package dpo.data.template.builtin;

import dpo.data.template.meter.Meter;
import dpo.data.template.runtime.Filter;
import dpo.data.template.text.Splitting;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Generator;
import dpo.data.template.value.Iterators;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The lazy filters {@code map}, {@code select}, {@code reject}, {@code selectattr} and {@code rejectattr}. */
final class SelectionFilters {
    static final Map<String, Filter> FILTERS = Map.of(
            "map", SelectionFilters::map,
            "select", (meter, input, args) -> select(meter, input, args, false, true),
            "reject", (meter, input, args) -> select(meter, input, args, false, false),
            "selectattr", (meter, input, args) -> select(meter, input, args, true, true),
            "rejectattr", (meter, input, args) -> select(meter, input, args, true, false));

    private SelectionFilters() {}

    /** {@return the items, or an attribute of each; the attribute {@code a.b.0} is three successive look-ups} */
    static Iterator<Value> attributes(Meter meter, Value input, Value attribute) {
        return attribute == None.NONE
                ? input.iterator(meter)
                : Iterators.map(meter, input.iterator(meter), getter(meter, attribute, None.NONE));
    }

    /** {@return the look-up of an attribute; a default other than None replaces undefined values} */
    static UnaryOperator<Value> getter(Meter meter, Value attribute, Value otherwise) {
        List<Value> steps = new ArrayList<>();
        if (attribute instanceof Str path) {
            for (String step : Splitting.split(meter, path.value(), ".", Long.MAX_VALUE)) {
                boolean index = !step.isEmpty() && step.chars().allMatch(c -> c >= '0' && c <= '9');
                steps.add(index ? Numbers.parseInteger(meter, step).orElseThrow() : Str.literal(step));
            }
        } else if (attribute != None.NONE) {
            steps.add(attribute);
        }
        return item -> {
            Value value = item;
            for (Value step : steps) {
                meter.step();
                value = value.item(meter, step);
                value = value instanceof Undefined && otherwise != None.NONE ? otherwise : value;
            }
            return value;
        };
    }

    private static Value map(Meter meter, Value input, Arguments args) {
        if (!input.truth()) {
            return Generator.of(meter, input, Collections.emptyIterator());
        }
        if (args.size() == 0) {
            Arguments named = args.bind("attribute", "default");
            return Generator.of(
                    meter,
                    input,
                    Iterators.map(
                            meter, input.iterator(meter), getter(meter, named.value(0), named.valueOr(1, None.NONE))));
        }
        String filter = args.text(0);
        return Generator.of(
                meter,
                input,
                Iterators.map(meter, input.iterator(meter), item -> Filters.apply(meter, filter, item, args.from(1))));
    }

    private static Value select(Meter meter, Value input, Arguments args, boolean attribute, boolean wanted) {
        if (!input.truth()) {
            return Generator.of(meter, input, Collections.emptyIterator());
        }
        UnaryOperator<Value> subject = attribute ? getter(meter, args.value(0), None.NONE) : item -> item;
        Arguments rest = attribute ? args.from(1) : args;
        Predicate<Value> test = rest.size() == 0
                ? Value::truth
                : item -> JinjaTests.holds(meter, Str.require(rest.value(0)), item, rest.from(1));
        return Generator.of(
                meter,
                input,
                Iterators.filter(meter, input.iterator(meter), item -> test.test(subject.apply(item)) == wanted));
    }
}
