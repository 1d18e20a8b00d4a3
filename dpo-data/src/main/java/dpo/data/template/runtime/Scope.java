package dpo.data.template.runtime;

import dpo.data.template.meter.Meter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The names of one frame and the origin of their initial values, resolved before rendering as in Jinja2's compiler.
 *
 * <p>A search in the enclosing frames at run time would be wrong: a name that a frame assigns before it reads it never
 * refers to the variable given to the template, not even in a loop whose first iteration reads it before the
 * assignment.
 */
public final class Scope {
    /** The origin of a name's value when its frame is entered. */
    enum Origin {
        /** The loop, the call or the statement that creates the frame. */
        PARAMETER,
        /** The variables given to the template, or the global functions. */
        VARIABLE,
        /** The enclosing frame. */
        OUTER,
        /** None: it is undefined before it is set. */
        NOTHING
    }

    private final Meter meter;
    /** The scope of the condition of which this is a branch; a branch holds only additional names. */
    private final Optional<Scope> before;

    private Optional<Scope> outer = Optional.empty();
    private final Map<String, Origin> origins = new LinkedHashMap<>();
    private final Set<String> stores = new LinkedHashSet<>();

    /** Begins without names. */
    public Scope(Meter meter) {
        this(meter, Optional.empty());
    }

    private Scope(Meter meter, Optional<Scope> before) {
        meter.entries(2);
        this.meter = meter;
        this.before = before;
    }

    /** Sets the enclosing scope, all of whose names are declared. */
    Scope within(Scope around) {
        outer = Optional.of(around);
        return this;
    }

    Map<String, Origin> origins() {
        return origins;
    }

    /** {@return whether this frame itself, not an enclosing one, has the name} */
    private boolean knowsHere(String name) {
        return anyHere(scope -> scope.origins.containsKey(name));
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

    /** Declares a name that the frame's creator assigns. */
    void parameter(String name) {
        meter.entries(1);
        stores.add(name);
        origins.put(name, Origin.PARAMETER);
    }

    /** Declares an assignment. */
    void store(String name) {
        meter.entries(1);
        stores.add(name);
        if (!knowsHere(name)) {
            origins.put(name, outerKnows(name) ? Origin.OUTER : Origin.NOTHING);
        }
    }

    /** Declares the variables that an expression reads. */
    void load(Expression expression) {
        expression.names(this::load);
    }

    /** Declares a read. */
    void load(String name) {
        if (!knowsHere(name) && !outerKnows(name)) {
            meter.entries(1);
            origins.put(name, Origin.VARIABLE);
        }
    }

    /** {@return a scope for one branch of a condition} */
    Scope branch() {
        Scope branch = new Scope(meter, Optional.of(this));
        branch.outer = outer;
        return branch;
    }

    /** Adds the names of the branches; a name assigned in only some of them keeps its outer value in the others. */
    void merge(List<Scope> branches) {
        Set<String> newStores = new LinkedHashSet<>();
        for (Scope branch : branches) {
            meter.entries((long) branch.origins.size() + branch.stores.size());
            branch.stores.stream().filter(name -> !storesHere(name)).forEach(newStores::add);
            origins.putAll(branch.origins);
        }
        stores.addAll(newStores);
        newStores.forEach(name -> origins.put(name, outerKnows(name) ? Origin.OUTER : Origin.VARIABLE));
    }
}
