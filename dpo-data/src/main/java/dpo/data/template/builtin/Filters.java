package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.runtime.Filter;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The filters by name: those of Jinja2, and {@code tojson} of transformers. */
public final class Filters {
    private static final Map<String, Filter> FILTERS = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>(TextFilters.FILTERS);
        filters.putAll(SequenceFilters.FILTERS);
        filters.putAll(SelectionFilters.FILTERS);
        filters.putAll(NumberFilters.FILTERS);
        filters.put("default", Filters::defaulted);
        filters.put("d", Filters::defaulted);
        filters.put("tojson", JsonFilter::dumps);
        return Map.copyOf(filters);
    }

    /** {@return a filter by its name} */
    public static Filter require(String name) {
        return Optional.ofNullable(FILTERS.get(name))
                .orElseThrow(() -> Failure.unsupported("the filter '" + name + "'"));
    }

    /** {@return the result of a filter for an input} */
    static Value apply(Meter meter, String name, Value input, Arguments arguments) {
        meter.step();
        return require(name).apply(meter, input, arguments);
    }

    private static Value defaulted(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("default_value", "boolean");
        boolean missing = input instanceof Undefined || (args.flag(1) && !input.truth());
        return missing ? args.valueOr(0, Str.EMPTY) : input;
    }
}
