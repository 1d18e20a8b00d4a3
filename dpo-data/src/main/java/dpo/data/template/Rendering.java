package dpo.data.template;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** One rendering: the variables given, the work done so far, and the line that is being worked on. */
final class Rendering {
    /** Characters and items that are handled in about the time of one step. */
    private static final long STEP_WEIGHT = 16;

    private final Dict variables;
    private final Map<String, Function> globals;
    private final Line line;
    private long steps;
    private int calls;

    Rendering(Map<String, ?> variables, Optional<Clock> clock, Line line) {
        this.variables = (Dict) Conversions.of(variables);
        this.globals = Functions.globals(clock);
        this.line = line;
    }

    Value variable(String name) {
        return variables.find(new Text(name)).orElseGet(() -> {
            Functions.refuseUnsupported(name);
            return globals.containsKey(name) ? globals.get(name) : Undefined.name(name);
        });
    }

    Rendering at(int number) {
        line.at(number);
        return this;
    }

    /** Counts a step at a line. */
    void step(int number) {
        at(number).spend(0);
    }

    /** Counts a step that may walk through all of a value. */
    void step(int number, Value operand) {
        at(number).spend(operand.weight());
    }

    /** Counts a step that may walk through all of two values. */
    void step(int number, Value left, Value right) {
        at(number).spend(left.weight() + right.weight());
    }

    /** Counts a call that may walk through all it is given. */
    void step(int number, Value callee, Arguments args) {
        at(number).spend(callee.weight() + args.weight());
    }

    /** Counts the work of having made a value. */
    Value charged(Value made) {
        spend(made.weight());
        return made;
    }

    private void spend(long weight) {
        steps += 1 + weight / STEP_WEIGHT;
        if (steps > Limits.STEPS) {
            throw new Failure("rendering must take at most " + Limits.STEPS + " steps");
        }
    }

    Value filter(String name, Value input, Arguments args) {
        spend(input.weight() + args.weight());
        return charged(Filters.require(name).apply(this, input, args));
    }

    boolean test(String name, Value input, Arguments args) {
        spend(input.weight() + args.weight());
        return Tests.require(name).holds(input, args);
    }

    /** Runs the body of a macro. */
    void nested(Runnable body) {
        if (++calls > Limits.CALLS) {
            throw new Failure("macro calls must be nested at most " + Limits.CALLS + " deep");
        }
        body.run();
        calls--;
    }
}
