package dpo.data.template.runtime;

import dpo.data.template.value.Arguments;
import dpo.data.template.value.Callable;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.List;

/**
 * {@code macro name(parameters)} … {@code endmacro}.
 *
 * @param defaults the default values of the last parameters
 */
public record Macro(String name, List<String> parameters, List<Expression> defaults, List<Statement> body, Scope scope)
        implements Statement {
    @Override
    public void declare(Scope outer) {
        outer.store(name);
    }

    @Override
    public void nest(Scope outer) {
        scope.within(outer);
        parameters.forEach(scope::parameter);
        defaults.forEach(scope::load);
        Statement.nest(body, scope);
    }

    @Override
    public Flow execute(Frame frame, TextBuilder out) {
        frame.set(name, Callable.of(frame.meter(), name, (meter, arguments) -> call(frame, arguments)));
        return Flow.NEXT;
    }

    /** Free names are looked up at the time of the call, in the frame that defines the macro. */
    private Value call(Frame defined, Arguments arguments) {
        Arguments bound = arguments.bind(parameters.toArray(String[]::new));
        Frame frame = defined.inner(scope);
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            frame.set(parameter, bound.valueOr(i, Undefined.because("parameter '" + parameter + "' was not provided")));
        }
        int required = parameters.size() - defaults.size();
        for (int i = required; i < parameters.size(); i++) {
            if (!bound.has(i)) {
                frame.set(parameters.get(i), defaults.get(i - required).value(frame));
            }
        }
        TextBuilder text = new TextBuilder(frame.meter());
        Statement.execute(body, frame, text);
        return text.text();
    }
}
