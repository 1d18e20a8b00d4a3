package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The variables of a block, loop or macro at run time. */
public final class Frame {
    private final Context context;
    private final Optional<Frame> outer;
    private final Scope scope;
    private final Map<String, Value> values = new HashMap<>();
    private boolean left;

    private Frame(Context context, Optional<Frame> outer, Scope scope) {
        this.context = context;
        this.outer = outer;
        this.scope = scope;
        // The hash table, the frame, and a loop or an iterator.
        meter().entries(4L + scope.origins().size());
    }

    /** {@return the outermost frame} */
    public static Frame root(Context context, Scope scope) {
        return new Frame(context, Optional.empty(), scope).enter();
    }

    /** {@return a new frame within this one} */
    Frame inner(Scope inner) {
        return new Frame(context, Optional.of(this), inner).enter();
    }

    /** Sets all names to their initial values; a loop does so in each iteration. */
    Frame enter() {
        left = false;
        meter().steps(scope.origins().size());
        scope.origins()
                .forEach((name, origin) -> values.put(
                        name,
                        switch (origin) {
                            case VARIABLE -> context.variable(name);
                            case OUTER -> outer.orElseThrow().get(name);
                            case PARAMETER, NOTHING -> Undefined.name(name);
                        }));
        return this;
    }

    /** Ends the block: a macro defined in it can be called later, but cannot read its variables. */
    void leave() {
        left = true;
    }

    /** {@return the meter of the rendering} */
    Meter meter() {
        return context.meter();
    }

    Value get(String name) {
        Frame frame = this;
        while (!frame.values.containsKey(name)) {
            meter().step();
            frame = frame.outer.orElseThrow(() -> Failure.unsupported("the variable '" + name + "' at this place"));
        }
        if (frame.left) {
            throw Failure.unsupported("reading '" + name + "' of a block that has ended");
        }
        return frame.values.get(name);
    }

    void set(String name, Value value) {
        if (values.put(name, value) == null) {
            meter().entries(1);
        }
    }
}
