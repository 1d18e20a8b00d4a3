package dpo.data.template;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names of one frame and where their first values come from, found out before rendering as Jinja2's compiler does.
 *
 * <p>It is not enough to look outwards at run time: a name that a frame sets before it reads it never sees the variable
 * given to the template, not even in a loop that reads it before the set is reached.
 */
final class Scope {
    /** Where a name gets its value when its frame is entered. */
    enum Source {
        /** From the loop, the call or the statement that makes the frame. */
        PARAMETER,
        /** From the variables given to the template. */
        VARIABLE,
        /** From the frame around. */
        OUTER,
        /** It has none before it is set. */
        NOTHING
    }

    private Optional<Scope> outer = Optional.empty();
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Set<String> stores = new LinkedHashSet<>();

    /** Puts this scope into another, all of whose names are known by now. */
    Scope within(Scope around) {
        outer = Optional.of(around);
        return this;
    }

    Map<String, Source> sources() {
        return sources;
    }

    private boolean knows(String name) {
        return sources.containsKey(name) || outerKnows(name);
    }

    private boolean outerKnows(String name) {
        return outer.filter(scope -> scope.knows(name)).isPresent();
    }

    void parameter(String name) {
        stores.add(name);
        sources.put(name, Source.PARAMETER);
    }

    void store(String name) {
        stores.add(name);
        sources.putIfAbsent(name, outerKnows(name) ? Source.OUTER : Source.NOTHING);
    }

    void load(Expr expression) {
        expression.names().forEach(this::load);
    }

    void load(String name) {
        if (!knows(name)) {
            sources.put(name, Source.VARIABLE);
        }
    }

    /** {@return a copy for one branch of a condition} */
    Scope branch() {
        Scope branch = new Scope();
        branch.outer = outer;
        branch.sources.putAll(sources);
        branch.stores.addAll(stores);
        return branch;
    }

    /** Takes over what the branches found; a name that only some of them set keeps its value from outside. */
    void merge(List<Scope> branches) {
        Set<String> newStores = new LinkedHashSet<>();
        branches.forEach(branch -> newStores.addAll(branch.stores));
        newStores.removeAll(stores);
        for (Scope branch : branches) {
            sources.putAll(branch.sources);
            stores.addAll(branch.stores);
        }
        newStores.forEach(name -> sources.put(name, outerKnows(name) ? Source.OUTER : Source.VARIABLE));
    }
}
