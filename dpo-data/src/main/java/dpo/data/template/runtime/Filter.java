package dpo.data.template.runtime;

import dpo.data.template.meter.Meter;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Value;

/** A filter of Jinja2, or one of its tests as a filter whose result is a bool. */
@FunctionalInterface
public interface Filter {
    /** {@return the result for an input} */
    Value apply(Meter meter, Value input, Arguments arguments);
}
