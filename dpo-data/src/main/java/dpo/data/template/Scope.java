package dpo.data.template;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

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

    private final Meter meter;
    /** What was found before the condition of which this is a branch; a branch holds only what it adds. */
    private final Optional<Scope> before;
    private Optional<Scope> outer = Optional.empty();
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Set<String> stores = new LinkedHashSet<>();

    /** Without names. */
    Scope(Meter meter) {
        this(meter, Optional.empty());
    }

    private Scope(Meter meter, Optional<Scope> before) {
        meter.entries(2);
        this.meter = meter;
        this.before = before;
    }

    /** Puts this scope into another, all of whose names are known by now. */
    Scope within(Scope around) {
        outer = Optional.of(around);
        return this;
    }

    Map<String, Source> sources() {
        return sources;
    }

    /** {@return whether this frame knows the name, not looking outwards} */
    private boolean knowsHere(String name) {
        return anyHere(scope -> scope.sources.containsKey(name));
    }

    private boolean outerKnows(String name) {
        for (Optional<Scope> scope = outer; scope.isPresent(); scope = scope.get().outer) {
            if (scope.get().knowsHere(name)) {
                return true;
            }
        }
        return false;
    }

    private boolean storesHere(String name) {
        return anyHere(scope -> scope.stores.contains(name));
    }

    private boolean anyHere(Predicate<Scope> test) {
        for (Optional<Scope> scope = Optional.of(this); scope.isPresent(); scope = scope.get().before) {
            meter.step();
            if (test.test(scope.get())) {
                return true;
            }
        }
        return false;
    }

    void parameter(String name) {
        meter.entries(1);
        stores.add(name);
        sources.put(name, Source.PARAMETER);
    }

    void store(String name) {
        meter.entries(1);
        stores.add(name);
        if (!knowsHere(name)) {
            sources.put(name, outerKnows(name) ? Source.OUTER : Source.NOTHING);
        }
    }

    void load(Expr expression) {
        expression.names(this::load);
    }

    void load(String name) {
        if (!knowsHere(name) && !outerKnows(name)) {
            meter.entries(1);
            sources.put(name, Source.VARIABLE);
        }
    }

    /** {@return a scope for one branch of a condition} */
    Scope branch() {
        Scope branch = new Scope(meter, Optional.of(this));
        branch.outer = outer;
        return branch;
    }

    /** Takes over what the branches found; a name that only some of them set keeps its value from outside. */
    void merge(List<Scope> branches) {
        Set<String> newStores = new LinkedHashSet<>();
        for (Scope branch : branches) {
            meter.entries((long) branch.sources.size() + branch.stores.size());
            branch.stores.stream().filter(name -> !storesHere(name)).forEach(newStores::add);
            sources.putAll(branch.sources);
        }
        stores.addAll(newStores);
        newStores.forEach(name -> sources.put(name, outerKnows(name) ? Source.OUTER : Source.VARIABLE));
    }
}
