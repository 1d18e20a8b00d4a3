package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of a call.
 *
 * @param values positional arguments; an empty entry is a parameter that got none
 * @param named keyword arguments in order
 */
record Arguments(List<Optional<Value>> values, Map<String, Value> named) {
    static Arguments of(List<Value> values, Map<String, Value> named) {
        return new Arguments(values.stream().map(Optional::of).toList(), named);
    }

    /** {@return the positional arguments, all of which are present} */
    List<Value> given() {
        return values.stream().map(Optional::orElseThrow).toList();
    }

    int size() {
        return values.size();
    }

    boolean has(int index) {
        return index < values.size() && values.get(index).isPresent();
    }

    Value value(int index) {
        if (!has(index)) {
            throw new Failure("argument " + (index + 1) + " must be given");
        }
        return values.get(index).orElseThrow();
    }

    Value valueOr(int index, Value otherwise) {
        return has(index) ? value(index) : otherwise;
    }

    boolean flag(int index) {
        return has(index) && value(index).truth();
    }

    /** {@return these arguments without the first {@code count}} */
    Arguments from(int count) {
        return new Arguments(values.subList(count, values.size()), named);
    }

    /** Checks that there are only positional arguments, between {@code min} and {@code max} of them. */
    Arguments positional(int min, int max) {
        if (!named.isEmpty()) {
            throw new Failure("keyword argument '" + named.keySet().iterator().next() + "' is not accepted here");
        }
        if (size() < min || size() > max) {
            throw new Failure("the number of arguments must be " + min + " to " + max + ", got " + size());
        }
        return this;
    }

    /** {@return the arguments in the order of the parameters, each given by position or by name} */
    Arguments bind(String... parameters) {
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
