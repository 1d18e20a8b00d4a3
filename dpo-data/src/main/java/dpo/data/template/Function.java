package dpo.data.template;

/**
 * Something that can be called: a macro, a method bound to its object, or a global function.
 *
 * @param name for messages
 * @param body what a call does
 */
record Function(String name, Body body) implements Value {
    /** What a call does. */
    @FunctionalInterface
    interface Body {
        Value call(Meter meter, Arguments arguments);
    }

    static Function of(Meter meter, String name, Body body) {
        meter.shell();
        return new Function(name, body);
    }

    Value call(Meter meter, Arguments arguments) {
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
