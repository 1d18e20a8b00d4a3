package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of a call.
 *
 * @param values positional arguments; an empty entry is a parameter without an argument
 * @param named keyword arguments in order
 */
public record Arguments(List<Optional<Value>> values, Map<String, Value> named) {
    /** {@return arguments that are all present} */
    public static Arguments of(List<Value> values, Map<String, Value> named) {
        return new Arguments(values.stream().map(Optional::of).toList(), named);
    }

    /** {@return the positional arguments, all of which must be present} */
    public List<Value> given() {
        return values.stream().map(Optional::orElseThrow).toList();
    }

    /** {@return the number of positional arguments} */
    public int size() {
        return values.size();
    }

    /** {@return whether an argument is present} */
    public boolean has(int index) {
        return index < values.size() && values.get(index).isPresent();
    }

    /** {@return an argument that must be present} */
    public Value value(int index) {
        if (!has(index)) {
            throw new Failure("argument " + (index + 1) + " must be given");
        }
        return values.get(index).orElseThrow();
    }

    /** {@return an argument or its default} */
    public Value valueOr(int index, Value otherwise) {
        return has(index) ? value(index) : otherwise;
    }

    /** {@return the truth of an argument; false if it is absent} */
    public boolean flag(int index) {
        return has(index) && value(index).truth();
    }

    /** {@return an argument that must be an integer} */
    public long index(int index) {
        return Numbers.index(value(index));
    }

    /** {@return an argument that must be an integer if it is present} */
    public long index(int index, long otherwise) {
        return has(index) ? index(index) : otherwise;
    }

    /** {@return an argument that must be a text} */
    public String text(int index) {
        return Str.require(value(index));
    }

    /** {@return an argument that must be a text if it is present} */
    public String text(int index, String otherwise) {
        return has(index) ? text(index) : otherwise;
    }

    /** Checks that there are no arguments; returns {@code self}, the object or the input of the call. */
    public <T> T none(T self) {
        positional(0, 0);
        return self;
    }

    /** {@return these arguments without the first {@code count}} */
    public Arguments from(int count) {
        return new Arguments(values.subList(count, values.size()), named);
    }

    /** Checks that there are only positional arguments, between {@code min} and {@code max} of them. */
    public Arguments positional(int min, int max) {
        if (!named.isEmpty()) {
            throw new Failure("keyword argument '" + named.keySet().iterator().next() + "' is not accepted here");
        }
        if (size() < min || size() > max) {
            throw new Failure("the number of arguments must be " + min + " to " + max + ", got " + size());
        }
        return this;
    }

    /** {@return the arguments in the order of the parameters, each passed by position or by name} */
    public Arguments bind(String... parameters) {
        if (size() > parameters.length) {
            throw new Failure("the number of arguments must be at most " + parameters.length + ", got " + size());
        }
        List<Optional<Value>> bound = new ArrayList<>(values);
        int byName = 0;
        for (int i = bound.size(); i < parameters.length; i++) {
            Optional<Value> value = Optional.ofNullable(named.get(parameters[i]));
            byName += value.isPresent() ? 1 : 0;
            bound.add(value);
        }
        if (byName < named.size()) {
            Set<String> unknown = new LinkedHashSet<>(named.keySet());
            List.of(parameters).subList(size(), parameters.length).forEach(unknown::remove);
            throw new Failure("keyword argument '" + unknown.iterator().next() + "' is unknown or given twice");
        }
        return new Arguments(bound, Map.of());
    }
}
