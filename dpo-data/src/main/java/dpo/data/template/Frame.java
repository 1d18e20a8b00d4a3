package dpo.data.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The variables of one block, loop or macro at run time. */
final class Frame {
    private final Rendering rendering;
    private final Optional<Frame> outer;
    private final Scope scope;
    private final Map<String, Value> values = new HashMap<>();
    private boolean left;

    private Frame(Rendering rendering, Optional<Frame> outer, Scope scope) {
        this.rendering = rendering;
        this.outer = outer;
        this.scope = scope;
        // The table, the frame itself and what goes with it (a loop, an iterator).
        meter().entries(4L + scope.sources().size());
    }

    static Frame root(Rendering rendering, Scope scope) {
        return new Frame(rendering, Optional.empty(), scope).enter();
    }

    Frame inner(Scope inner) {
        return new Frame(rendering, Optional.of(this), inner).enter();
    }

    /** Gives all names their first values; a loop does so at each turn. */
    Frame enter() {
        left = false;
        meter().steps(scope.sources().size());
        scope.sources().forEach((name, source) -> values.put(name, switch (source) {
            case VARIABLE -> rendering.variable(name);
            case OUTER -> outer.orElseThrow().get(name);
            case PARAMETER, NOTHING -> Undefined.name(name);
        }));
        return this;
    }

    /** Ends the block: a macro that was defined in it and outlives it can't read its variables any more. */
    void leave() {
        left = true;
    }

    Meter meter() {
        return rendering.meter();
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
