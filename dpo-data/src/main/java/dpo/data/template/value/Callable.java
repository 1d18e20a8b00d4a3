package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;

/**
 * A macro, a method bound to its object, or a global function.
 *
 * @param name for messages
 * @param body the code of a call
 */
public record Callable(String name, Body body) implements Value {
    /** The code of a call. */
    @FunctionalInterface
    public interface Body {
        /** {@return the result} */
        Value call(Meter meter, Arguments arguments);
    }

    /** {@return a new callable, which is charged} */
    public static Callable of(Meter meter, String name, Body body) {
        meter.shell();
        return new Callable(name, body);
    }

    /** {@return the result of a call} */
    public Value call(Meter meter, Arguments arguments) {
        return body.call(meter, arguments);
    }

    @Override
    public String typeName() {
        return "function";
    }

    @Override
    public void repr(TextBuilder out) {
        throw Failure.unsupported("printing the function '" + name + "'");
    }

    @Override
    public Value attribute(Meter meter, String attribute) {
        throw Failure.unsupported("'" + attribute + "' of the function '" + name + "'");
    }
}
