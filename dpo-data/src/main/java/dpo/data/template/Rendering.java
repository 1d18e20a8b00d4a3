package dpo.data.template;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** One rendering: the variables given, the functions of every template, and the meter of its work. */
final class Rendering {
    private final Dict variables;
    private final Map<String, Function> globals;
    private final Meter meter;

    Rendering(Map<String, ?> variables, Optional<Clock> clock, Meter meter) {
        this.variables = (Dict) Conversions.of(meter, variables);
        this.globals = Functions.globals(meter, clock);
        this.meter = meter;
    }

    Meter meter() {
        return meter;
    }

    Value variable(String name) {
        return variables.find(meter, Text.literal(name)).orElseGet(() -> {
            Functions.refuseUnsupported(name);
            return globals.containsKey(name) ? globals.get(name) : Undefined.name(name);
        });
    }
}
