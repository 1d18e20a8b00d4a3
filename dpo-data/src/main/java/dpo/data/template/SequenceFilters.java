package dpo.data.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The filters that order, split and pick from sequences. */
final class SequenceFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("length", (rendering, input, args) -> new Int(length(input, args))),
            Map.entry("count", (rendering, input, args) -> new Int(length(input, args))),
            Map.entry("list", (rendering, input, args) -> Items.list(none(args, input).toList())),
            Map.entry("first", (rendering, input, args) -> first(none(args, input).iterator(), "first")),
            Map.entry("last", (rendering, input, args) -> first(none(args, input).reversed(), "last")),
            Map.entry("items", SequenceFilters::items),
            Map.entry("reverse", SequenceFilters::reverse),
            Map.entry("dictsort", SequenceFilters::dictSort),
            Map.entry("sort", SequenceFilters::sort),
            Map.entry("unique", SequenceFilters::unique),
            Map.entry("min", (rendering, input, args) -> extreme(input, args, "<")),
            Map.entry("max", (rendering, input, args) -> extreme(input, args, ">")),
            Map.entry("batch", SequenceFilters::batch),
            Map.entry("slice", SequenceFilters::slice));

    private SequenceFilters() {}

    private static Value none(Arguments args, Value input) {
        args.positional(0, 0);
        return input;
    }

    private static long length(Value input, Arguments args) {
        if (input instanceof SafeText) {
            throw Failure.unsupported("the length of a text marked safe");
        }
        return none(args, input).length();
    }

    private static Value first(Iterator<Value> items, String which) {
        return items.hasNext() ? items.next() : new Undefined("No " + which + " item, sequence was empty.");
    }

    private static Value items(Rendering rendering, Value input, Arguments args) {
        if (none(args, input) instanceof Undefined) {
            return new Stream(input.iterator());
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("Can only get item pairs from a mapping.");
        }
        return new Stream(dict.items().iterator());
    }

    private static Value reverse(Rendering rendering, Value input, Arguments args) {
        if (none(args, input) instanceof Text text) {
            return new Text(new StringBuilder(text.value()).reverse().toString());
        }
        if (input instanceof Stream) {
            return Items.list(new Stream(Items.list(input.toList()).reversed()).toList());
        }
        return new Stream(input.reversed());
    }

    /** Texts are compared in lower case unless case counts. */
    private static UnaryOperator<Value> key(UnaryOperator<Value> getter, boolean caseSensitive) {
        return item -> {
            Value key = getter.apply(item);
            return !caseSensitive && key instanceof Text text ? new Text(Characters.lower(text.value())) : key;
        };
    }

    private static Value dictSort(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "by", "reverse");
        String by = Operators.text(args.valueOr(1, new Text("key")));
        if (!by.equals("key") && !by.equals("value")) {
            throw new Failure("You can only sort by either \"key\" or \"value\"");
        }
        if (!(input instanceof Dict dict)) {
            throw new Failure("dictsort must get a mapping, got " + input.typeName());
        }
        int position = by.equals("key") ? 0 : 1;
        UnaryOperator<Value> key = key(pair -> ((Items) pair).values().get(position), args.flag(0));
        return Items.list(Operators.sort(dict.items(), key, args.flag(2)));
    }

    /** Keys are lists, one entry an attribute, so that equal keys are never ordered themselves. */
    private static Value sort(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("reverse", "case_sensitive", "attribute");
        List<UnaryOperator<Value>> getters = new ArrayList<>();
        Value attribute = args.valueOr(2, None.NONE);
        List<Value> attributes = attribute instanceof Text text
                ? TextMethods.texts(List.of(text.value().split(",", -1))).values()
                : List.of(attribute);
        attributes.forEach(name -> getters.add(key(SelectionFilters.getter(name, None.NONE), args.flag(1))));
        return Items.list(Operators.sort(input.toList(), item ->
                Items.list(getters.stream().map(getter -> getter.apply(item)).toList()), args.flag(0)));
    }

    private static Value unique(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(SelectionFilters.getter(args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Set<Value> seen = new HashSet<>();
        return new Stream(SelectionFilters.filtered(input.iterator(), item -> seen.add(Dict.key(key.apply(item)))));
    }

    private static Value extreme(Value input, Arguments arguments, String operator) {
        Arguments args = arguments.bind("case_sensitive", "attribute");
        UnaryOperator<Value> key =
                key(SelectionFilters.getter(args.valueOr(1, None.NONE), None.NONE), args.flag(0));
        Iterator<Value> items = input.iterator();
        if (!items.hasNext()) {
            return new Undefined("No aggregated item, sequence was empty.");
        }
        Value best = items.next();
        while (items.hasNext()) {
            Value item = items.next();
            best = Operators.ordered(operator, key.apply(item), key.apply(best)) ? item : best;
        }
        return best;
    }

    private static Value batch(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("linecount", "fill_with");
        long size = Operators.index(args.value(0));
        Value fill = args.valueOr(1, None.NONE);
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Iterator<Value> items = input.iterator(); items.hasNext(); ) {
            if (batch.size() == size) {
                batches.add(Items.list(batch));
                batch.clear();
            }
            batch.add(items.next());
        }
        if (!batch.isEmpty()) {
            Limits.size(size);
            while (fill != None.NONE && batch.size() < size) {
                batch.add(fill);
            }
            batches.add(Items.list(batch));
        }
        return new Stream(batches.iterator());
    }

    private static Value slice(Rendering rendering, Value input, Arguments arguments) {
        Arguments args = arguments.bind("slices", "fill_with");
        long slices = Limits.size(Operators.index(args.value(0)));
        List<Value> items = input.toList();
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
            parts.add(Items.list(part));
            start = end;
        }
        return new Stream(parts.iterator());
    }
}
