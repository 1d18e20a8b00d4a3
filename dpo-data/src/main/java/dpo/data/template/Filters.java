package dpo.data.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Jinja2's filters by name, and transformers' {@code tojson}. */
final class Filters {
    /** One filter. */
    @FunctionalInterface
    interface Filter {
        Value apply(Meter meter, Value input, Arguments arguments);
    }

    private static final Map<String, Filter> FILTERS = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>(TextFilters.FILTERS);
        filters.putAll(SequenceFilters.FILTERS);
        filters.putAll(SelectionFilters.FILTERS);
        filters.putAll(NumberFilters.FILTERS);
        filters.put("default", Filters::defaulted);
        filters.put("d", Filters::defaulted);
        filters.put("tojson", Json::dumps);
        return Map.copyOf(filters);
    }

    static Filter require(String name) {
        return Optional.ofNullable(FILTERS.get(name))
                .orElseThrow(() -> Failure.unsupported("the filter '" + name + "'"));
    }

    static Value apply(Meter meter, String name, Value input, Arguments arguments) {
        meter.step();
        return require(name).apply(meter, input, arguments);
    }

    /** Refuses unknown filters and tests that are named by an argument, as in {@code map("upper")}. */
    static void requireNamed(String name, Given arguments) {
        switch (name) {
            case "map" -> literal(arguments, 0).ifPresent(Filters::require);
            case "select", "reject" -> literal(arguments, 0).ifPresent(Tests::require);
            case "selectattr", "rejectattr" -> literal(arguments, 1).ifPresent(Tests::require);
            default -> { }
        }
    }

    private static Optional<String> literal(Given arguments, int index) {
        List<Expr> positional = arguments.positional();
        return index < positional.size() && positional.get(index) instanceof Expr.Constant constant
                && constant.value() instanceof Text text ? Optional.of(text.value()) : Optional.empty();
    }

    private static Value defaulted(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("default_value", "boolean");
        boolean missing = input instanceof Undefined || args.flag(1) && !input.truth();
        return missing ? args.valueOr(0, Text.EMPTY) : input;
    }
}
