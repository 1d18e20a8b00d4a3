package dpo.data.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The filters that order, split and pick from sequences. */
final class SequenceFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("length", (meter, input, args) -> new Int(length(meter, input, args))),
            Map.entry("count", (meter, input, args) -> new Int(length(meter, input, args))),
            Map.entry("list", (meter, input, args) -> Items.list(meter, none(args, input).toList(meter))),
            Map.entry("first", (meter, input, args) -> first(none(args, input).iterator(meter), "first")),
            Map.entry("last", (meter, input, args) -> first(none(args, input).reversed(meter), "last")),
            Map.entry("items", SequenceFilters::items),
            Map.entry("reverse", SequenceFilters::reverse),
            Map.entry("dictsort", SequenceFilters::dictSort),
            Map.entry("sort", SequenceFilters::sort),
            Map.entry("unique", SequenceFilters::unique),
            Map.entry("min", (meter, input, args) -> extreme(meter, input, args, "<")),
            Map.entry("max", (meter, input, args) -> extreme(meter, input, args, ">")),
            Map.entry("batch", SequenceFilters::batch),
            Map.entry("slice", SequenceFilters::slice));

    private static final Slice BACKWARDS = new Slice(Optional.empty(), Optional.empty(), Optional.of(-1L));

    private SequenceFilters() {}

    private static Value none(Arguments args, Value input) {
        args.positional(0, 0);
        return input;
    }

    private static long length(Meter meter, Value input, Arguments args) {
        if (input instanceof SafeText) {
            throw Failure.unsupported("the length of a text marked safe");
        }
        return none(args, input).length(meter);
    }

    private static Value first(Iterator<Value> items, String which) {
        return items.hasNext() ? items.next() : Undefined.because("No " + which + " item, sequence was empty.");
    }

    private static Value items(Meter meter, Value input, Arguments args) {
        if (none(args, input) instanceof Undefined) {
            return Stream.of(meter, input, input.iterator(meter));
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("Can only get item pairs from a mapping.");
        }
        return Stream.of(meter, input, Items.list(meter, dict.items(meter)).iterator(meter));
    }

    private static Value reverse(Meter meter, Value input, Arguments args) {
        if (none(args, input) instanceof Text text) {
            return text.reverse(meter);
        }
        if (input instanceof Stream) {
            return Items.list(meter, input.toList(meter)).slice(meter, BACKWARDS);
        }
        return Stream.of(meter, input, input.reversed(meter));
    }

    /** Texts are compared in lower case unless case counts. */
    private static UnaryOperator<Value> key(Meter meter, UnaryOperator<Value> getter, boolean caseSensitive) {
        return item -> {
            Value key = getter.apply(item);
            return !caseSensitive && key instanceof Text text
                    ? Text.of(meter, Characters.lower(text.value()))
                    : key;
        };
    }

    private static Value dictSort(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "by", "reverse");
        String by = Operators.text(args.valueOr(1, Text.literal("key")));
        if (!by.equals("key") && !by.equals("value")) {
            throw new Failure("You can only sort by either \"key\" or \"value\"");
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("dictsort must get a mapping, got " + input.typeName());
        }
        int position = by.equals("key") ? 0 : 1;
        UnaryOperator<Value> key = key(meter, pair -> ((Items) pair).values().get(position), args.flag(0));
        return Items.list(meter, Operators.sort(meter, dict.items(meter), key, args.flag(2)));
    }

    /** Keys are lists, one entry an attribute, so that equal keys are never ordered themselves. */
    private static Value sort(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("reverse", "case_sensitive", "attribute");
        List<UnaryOperator<Value>> getters = new ArrayList<>();
        Value attribute = args.valueOr(2, None.NONE);
        List<Value> attributes = attribute instanceof Text text
                ? Splitting.at(meter, text.value(), ",")
                : List.of(attribute);
        attributes.forEach(name -> getters.add(key(meter,
                SelectionFilters.getter(meter, name, None.NONE), args.flag(1))));
        return Items.list(meter, Operators.sort(meter, input.toList(meter), item ->
                Items.list(meter, getters.stream().map(getter -> getter.apply(item)).toList()), args.flag(0)));
    }

    private static Value unique(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(meter,
                SelectionFilters.getter(meter, args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Set<Value> seen = new HashSet<>();
        return Stream.of(meter, input, SelectionFilters.filtered(meter, input.iterator(meter), item -> {
            meter.entries(1);
            return seen.add(Dict.key(meter, key.apply(item)));
        }));
    }

    private static Value extreme(Meter meter, Value input, Arguments arguments, String operator) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(meter,
                SelectionFilters.getter(meter, args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Iterator<Value> items = input.iterator(meter);
        if (!items.hasNext()) {
            return Undefined.because("No aggregated item, sequence was empty.");
        }
        Value best = items.next();
        while (items.hasNext()) {
            Value item = items.next();
            best = Operators.ordered(meter, operator, key.apply(item), key.apply(best)) ? item : best;
        }
        return best;
    }

    private static Value batch(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("linecount", "fill_with");
        long size = Operators.index(args.value(0));
        Value fill = args.valueOr(1, None.NONE);
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Iterator<Value> items = input.iterator(meter); items.hasNext(); ) {
            if (batch.size() == size) {
                batches.add(Items.list(meter, batch));
                batch.clear();
            }
            meter.slots(1);
            batch.add(items.next());
        }
        if (!batch.isEmpty()) {
            while (fill != None.NONE && batch.size() < size) {
                meter.slots(1);
                batch.add(fill);
            }
            batches.add(Items.list(meter, batch));
        }
        return Stream.of(meter, input, batches.iterator());
    }

    private static Value slice(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("slices", "fill_with");
        long slices = Operators.index(args.value(0));
        List<Value> items = input.toList(meter);
        if (slices == 0) {
            throw new Failure("division by zero");
        }
        Value fill = args.valueOr(1, None.NONE);
        List<Value> parts = new ArrayList<>();
        int start = 0;
        for (long i = 0; i < slices; i++) {
            boolean longer = i < items.size() % slices;
            int end = (int) (start + items.size() / slices + (longer ? 1 : 0));
            List<Value> part = new ArrayList<>(items.subList(start, end));
            if (!longer && fill != None.NONE) {
                part.add(fill);
            }
            parts.add(Items.list(meter, part));
            start = end;
        }
        return Stream.of(meter, input, parts.iterator());
    }
}
