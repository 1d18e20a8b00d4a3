package dpo.data.template;

/**
 * The result of the filter {@code safe}, Python's {@code Markup}. It may be printed, joined with {@code ~} and asked
 * whether it is a string; everything else is refused, because Markup escapes what it meets in ways no chat template
 * wants.
 */
record SafeText(String value) implements Value {
    @Override
    public String typeName() {
        return "Markup";
    }

    @Override
    public void repr(TextBuilder out) {
        throw Failure.unsupported("the repr of a text marked safe");
    }

    @Override
    public String str(Meter meter) {
        return value;
    }

    @Override
    public boolean truth() {
        return !value.isEmpty();
    }

    @Override
    public Value attribute(Meter meter, String name) {
        throw Failure.unsupported("'" + name + "' of a text marked safe");
    }

    @Override
    public Value item(Meter meter, Value key) {
        throw Failure.unsupported("indexing of a text marked safe");
    }
}
