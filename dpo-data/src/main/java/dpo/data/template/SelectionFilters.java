package dpo.data.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The lazy filters that go through items by attribute, filter or test: {@code map}, {@code select} and their kin. */
final class SelectionFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.of(
            "map", SelectionFilters::map,
            "select", (meter, input, args) -> select(meter, input, args, false, true),
            "reject", (meter, input, args) -> select(meter, input, args, false, false),
            "selectattr", (meter, input, args) -> select(meter, input, args, true, true),
            "rejectattr", (meter, input, args) -> select(meter, input, args, true, false));

    private SelectionFilters() {}

    /** {@return the items, or an attribute of each: {@code a.b.0} are three look-ups one after the other} */
    static Iterator<Value> attributes(Meter meter, Value input, Value attribute) {
        return attribute == None.NONE
                ? input.iterator(meter)
                : new Counted<>(meter, input.iterator(meter), getter(meter, attribute, None.NONE));
    }

    /** {@return the look-up of an attribute; a default other than None stands in for what is undefined} */
    static UnaryOperator<Value> getter(Meter meter, Value attribute, Value otherwise) {
        List<Value> steps = new ArrayList<>();
        if (attribute instanceof Text path) {
            for (Value part : Splitting.at(meter, path.value(), ".")) {
                String step = Operators.text(part);
                boolean index = !step.isEmpty() && step.chars().allMatch(c -> c >= '0' && c <= '9');
                steps.add(index ? Conversions.integer(meter, step).orElseThrow() : part);
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
            return Stream.of(meter, input, Collections.emptyIterator());
        }
        if (args.size() == 0) {
            Arguments named = args.bind("attribute", "default");
            return Stream.of(meter, input, new Counted<>(meter, input.iterator(meter),
                    getter(meter, named.value(0), named.valueOr(1, None.NONE))));
        }
        String filter = Operators.text(args.value(0));
        return Stream.of(meter, input, new Counted<>(meter, input.iterator(meter),
                item -> Filters.apply(meter, filter, item, args.from(1))));
    }

    private static Value select(Meter meter, Value input, Arguments args, boolean attribute, boolean wanted) {
        if (!input.truth()) {
            return Stream.of(meter, input, Collections.emptyIterator());
        }
        UnaryOperator<Value> subject = attribute ? getter(meter, args.value(0), None.NONE) : item -> item;
        Arguments rest = attribute ? args.from(1) : args;
        Predicate<Value> test = rest.size() == 0
                ? Value::truth
                : item -> Tests.holds(meter, Operators.text(rest.value(0)), item, rest.from(1));
        return Stream.of(meter, input,
                filtered(meter, input.iterator(meter), item -> test.test(subject.apply(item)) == wanted));
    }

    /** The items that pass, looked for only when asked. */
    static Iterator<Value> filtered(Meter meter, Iterator<Value> items, Predicate<Value> test) {
        return new Iterator<>() {
            private Optional<Value> ahead = Optional.empty();

            @Override
            public boolean hasNext() {
                while (ahead.isEmpty() && items.hasNext()) {
                    meter.step();
                    ahead = Optional.of(items.next()).filter(test);
                }
                return ahead.isPresent();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Value item = ahead.orElseThrow();
                ahead = Optional.empty();
                return item;
            }
        };
    }
}
