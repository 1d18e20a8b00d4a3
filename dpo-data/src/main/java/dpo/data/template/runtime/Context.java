package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Bool;
import dpo.data.template.value.Callable;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Int;
import dpo.data.template.value.Items;
import dpo.data.template.value.None;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables of one rendering, the functions of every template, and the meter. */
public final class Context {
    private final Meter meter;
    private final Dict variables;
    private final Function<String, Optional<Callable>> functions;

    /**
     * Converts the variables to values.
     *
     * @param functions finds a global function by its name
     */
    public Context(Meter meter, Map<String, ?> variables, Function<String, Optional<Callable>> functions) {
        this.meter = meter;
        this.variables = (Dict) value(meter, variables);
        this.functions = functions;
    }

    Meter meter() {
        return meter;
    }

    Value variable(String name) {
        return variables
                .find(meter, Str.literal(name))
                .or(() -> functions.apply(name))
                .orElseGet(() -> Undefined.name(name));
    }

    /** The Python value that JSON's decoder would have made of the same data. */
    private static Value value(Meter meter, @Nullable Object value) {
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof String text) {
            return Str.literal(text);
        }
        if (value instanceof Boolean truth) {
            return Bool.of(truth);
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return new Int(((Number) value).longValue());
        }
        if (value instanceof Double || value instanceof Float) {
            return new Real(((Number) value).doubleValue());
        }
        if (value instanceof List<?> list) {
            meter.slots(list.size());
            List<Value> items = new ArrayList<>();
            list.forEach(item -> items.add(value(meter, item)));
            return Items.list(meter, items);
        }
        if (value instanceof Map<?, ?> map) {
            meter.entries(map.size());
            Map<Value, Value> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put(key(key), value(meter, item)));
            return new Dict(meter, entries);
        }
        throw new Failure("a variable must be text, number, boolean, null, list or map, got "
                + value.getClass().getName());
    }

    private static Value key(@Nullable Object key) {
        if (!(key instanceof String text)) {
            throw new Failure("a map key must be a text, got " + key);
        }
        return Str.literal(text);
    }
}
