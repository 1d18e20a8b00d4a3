package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.operator.Ordering;
import dpo.data.template.runtime.Filter;
import dpo.data.template.text.Characters;
import dpo.data.template.text.Splitting;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Generator;
import dpo.data.template.value.Int;
import dpo.data.template.value.Items;
import dpo.data.template.value.Iterators;
import dpo.data.template.value.Markup;
import dpo.data.template.value.None;
import dpo.data.template.value.Slice;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The filters that order, split and select from sequences. */
final class SequenceFilters {
    static final Map<String, Filter> FILTERS = Map.ofEntries(
            Map.entry("length", (meter, input, args) -> new Int(length(meter, input, args))),
            Map.entry("count", (meter, input, args) -> new Int(length(meter, input, args))),
            Map.entry(
                    "list",
                    (meter, input, args) -> Items.list(meter, args.none(input).toList(meter))),
            Map.entry("first", (meter, input, args) -> first(args.none(input).iterator(meter), "first")),
            Map.entry("last", (meter, input, args) -> first(args.none(input).reversed(meter), "last")),
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

    private static long length(Meter meter, Value input, Arguments args) {
        if (input instanceof Markup) {
            throw Failure.unsupported("the length of a text marked safe");
        }
        return args.none(input).length(meter);
    }

    private static Value first(Iterator<Value> items, String which) {
        return items.hasNext() ? items.next() : Undefined.because("No " + which + " item, sequence was empty.");
    }

    private static Value items(Meter meter, Value input, Arguments args) {
        if (args.none(input) instanceof Undefined) {
            return Generator.of(meter, input, input.iterator(meter));
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("Can only get item pairs from a mapping.");
        }
        return Generator.of(meter, input, Items.list(meter, dict.items(meter)).iterator(meter));
    }

    private static Value reverse(Meter meter, Value input, Arguments args) {
        if (args.none(input) instanceof Str text) {
            return text.reverse(meter);
        }
        if (input instanceof Generator) {
            return Items.list(meter, input.toList(meter)).slice(meter, BACKWARDS);
        }
        return Generator.of(meter, input, input.reversed(meter));
    }

    /** {@return the key of an item; a text is converted to lower case unless case matters} */
    private static UnaryOperator<Value> key(Meter meter, UnaryOperator<Value> getter, boolean caseSensitive) {
        return item -> {
            Value key = getter.apply(item);
            return !caseSensitive && key instanceof Str text ? Str.of(meter, Characters.lower(text.value())) : key;
        };
    }

    private static Value dictSort(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "by", "reverse");
        String by = args.text(1, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new Failure("You can only sort by either \"key\" or \"value\"");
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("dictsort must get a mapping, got " + input.typeName());
        }
        int position = by.equals("key") ? 0 : 1;
        UnaryOperator<Value> key = key(meter, pair -> ((Items) pair).values().get(position), args.flag(0));
        return Items.list(meter, Ordering.sort(meter, dict.items(meter), key, args.flag(2)));
    }

    /**
     * The key of an item is the list of its attributes, because Python orders the items of lists only if they differ.
     */
    private static Value sort(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("reverse", "case_sensitive", "attribute");
        List<UnaryOperator<Value>> getters = new ArrayList<>();
        Value attribute = args.valueOr(2, None.NONE);
        List<Value> attributes = attribute instanceof Str text
                ? Splitting.split(meter, text.value(), ",", Long.MAX_VALUE).stream()
                        .<Value>map(Str::literal)
                        .toList()
                : List.of(attribute);
        attributes.forEach(
                name -> getters.add(key(meter, SelectionFilters.getter(meter, name, None.NONE), args.flag(1))));
        return Items.list(
                meter,
                Ordering.sort(
                        meter,
                        input.toList(meter),
                        item -> Items.list(
                                meter,
                                getters.stream()
                                        .map(getter -> getter.apply(item))
                                        .toList()),
                        args.flag(0)));
    }

    private static Value unique(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(meter, SelectionFilters.getter(meter, args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Set<Value> seen = new HashSet<>();
        return Generator.of(meter, input, Iterators.filter(meter, input.iterator(meter), item -> {
            meter.entries(1);
            return seen.add(Dict.key(meter, key.apply(item)));
        }));
    }

    private static Value extreme(Meter meter, Value input, Arguments arguments, String operator) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(meter, SelectionFilters.getter(meter, args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Iterator<Value> items = input.iterator(meter);
        if (!items.hasNext()) {
            return Undefined.because("No aggregated item, sequence was empty.");
        }
        Value best = items.next();
        while (items.hasNext()) {
            Value item = items.next();
            best = Ordering.ordered(meter, operator, key.apply(item), key.apply(best)) ? item : best;
        }
        return best;
    }

    private static Value batch(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("linecount", "fill_with");
        long size = args.index(0);
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
        return Generator.of(meter, input, batches.iterator());
    }

    private static Value slice(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("slices", "fill_with");
        long slices = args.index(0);
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
        return Generator.of(meter, input, parts.iterator());
    }
}
