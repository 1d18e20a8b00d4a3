package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arguments of a call as they are written: {@code (a, b, name=c, *more, **named)}.
 *
 * @param positional positional arguments
 * @param named keyword arguments in order
 * @param more further positional arguments: the items of a value
 * @param moreNamed further keyword arguments: the entries of a dict
 */
record Given(List<Expr> positional, Map<String, Expr> named, Optional<Expr> more, Optional<Expr> moreNamed) {
    static final Given NOTHING = of(List.of());

    static Given of(List<Expr> positional) {
        return new Given(positional, Map.of(), Optional.empty(), Optional.empty());
    }

    Arguments evaluate(Frame frame) {
        Meter meter = frame.meter();
        meter.slots((long) positional.size() + named.size());
        List<Value> values = new ArrayList<>();
        positional.forEach(value -> values.add(value.value(frame)));
        Map<String, Value> keywords = new LinkedHashMap<>();
        // Python evaluates what is starred before the keywords.
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
            if (!(key instanceof Text name)) {
                throw new Failure("keywords must be strings, got " + key.typeName());
            }
            if (keywords.put(name.value(), value) != null) {
                throw new Failure("keyword argument '" + name.value() + "' is given twice");
            }
        });
    }

    /** {@return all expressions here after the one that they are given to} */
    List<Expr> partsAfter(Expr callee) {
        List<Expr> parts = new ArrayList<>(List.of(callee));
        parts.addAll(positional);
        parts.addAll(named.values());
        more.ifPresent(parts::add);
        moreNamed.ifPresent(parts::add);
        return parts;
    }
}
