package dpo.data.template;

/**
 * Something that can be called: a macro, a method bound to its object, or a global function.
 *
 * @param name for messages
 * @param weight what a call has to walk through: the object of a method
 * @param body what a call does
 */
record Function(String name, long weight, Body body) implements Value {
    /** What a call does. */
    @FunctionalInterface
    interface Body {
        Value call(Arguments arguments);
    }

    static Function global(String name, Body body) {
        return new Function(name, 1, body);
    }

    static Function method(Value owner, String name, Body body) {
        return new Function(name, owner.weight(), body);
    }

    @Override
    public String typeName() {
        return "function";
    }

    @Override
    public String repr() {
        throw Failure.unsupported("printing the function '" + name + "'");
    }

    @Override
    public Value attribute(String attribute) {
        throw Failure.unsupported("'" + attribute + "' of the function '" + name + "'");
    }
}
