package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Str;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The expressions of the arguments of a call: {@code (a, b, name=c, *more, **moreNamed)}.
 *
 * @param positional positional arguments
 * @param named keyword arguments in order
 * @param more a value whose items are further positional arguments
 * @param moreNamed a dict whose entries are further keyword arguments
 */
public record ArgumentList(
        List<Expression> positional,
        Map<String, Expression> named,
        Optional<Expression> more,
        Optional<Expression> moreNamed) {
    /** No arguments. */
    public static final ArgumentList NONE = of(List.of());

    /** {@return positional arguments} */
    public static ArgumentList of(List<Expression> positional) {
        return new ArgumentList(positional, Map.of(), Optional.empty(), Optional.empty());
    }

    /** {@return the values of the arguments} */
    Arguments evaluate(Frame frame) {
        Meter meter = frame.meter();
        meter.slots((long) positional.size() + named.size());
        List<Value> values = new ArrayList<>();
        positional.forEach(value -> values.add(value.value(frame)));
        Map<String, Value> keywords = new LinkedHashMap<>();
        // Python evaluates starred arguments before keyword arguments.
        more.ifPresent(starred -> values.addAll(starred.value(frame).toList(meter)));
        named.forEach((name, value) -> keywords.put(name, value.value(frame)));
        moreNamed.ifPresent(starred -> addAll(meter, starred.value(frame), keywords));
        return Arguments.of(values, keywords);
    }

    private static void addAll(Meter meter, Value more, Map<String, Value> keywords) {
        if (!(more instanceof Dict dict)) {
            throw new Failure("argument after ** must be a mapping, not " + more.typeName());
        }
        meter.entries(dict.entries().size());
        dict.entries().forEach((key, value) -> {
            if (!(key instanceof Str name)) {
                throw new Failure("keywords must be strings, got " + key.typeName());
            }
            if (keywords.put(name.value(), value) != null) {
                throw new Failure("keyword argument '" + name.value() + "' is given twice");
            }
        });
    }

    /** {@return the callee and all expressions of the arguments} */
    List<Expression> partsAfter(Expression callee) {
        List<Expression> parts = new ArrayList<>(List.of(callee));
        parts.addAll(positional);
        parts.addAll(named.values());
        more.ifPresent(parts::add);
        moreNamed.ifPresent(parts::add);
        return parts;
    }
}
