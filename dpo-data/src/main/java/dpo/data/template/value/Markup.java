package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;

/**
 * The result of the filter {@code safe}, Python's {@code Markup}. It can be printed, concatenated with {@code ~} and
 * tested for being a string. Everything else is refused: Markup would escape its operands, which no chat template
 * means.
 *
 * @param value the text
 */
public record Markup(String value) implements Value {
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
