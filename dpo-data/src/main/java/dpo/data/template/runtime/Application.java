package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Callable;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.List;

/** Calls, and applications of filters and tests. */
public sealed interface Application extends Expression {
    /** {@code callee(arguments)}. */
    record Call(Expression callee, ArgumentList arguments, int line) implements Application {
        @Override
        public Value evaluate(Frame frame) {
            Value function = callee.value(frame);
            Arguments given = arguments.evaluate(frame);
            frame.meter().at(line);
            if (function instanceof Undefined undefined) {
                throw undefined.failure();
            }
            if (!(function instanceof Callable callable)) {
                throw new Failure("'" + function.typeName() + "' object is not callable");
            }
            return callable.call(frame.meter(), given);
        }

        @Override
        public List<Expression> parts() {
            return arguments.partsAfter(callee);
        }
    }

    /** {@code input|name(arguments)}, or {@code input is name(arguments)}. */
    record Applied(Expression input, Filter filter, ArgumentList arguments, int line) implements Application {
        @Override
        public Value evaluate(Frame frame) {
            Value value = input.value(frame);
            Arguments given = arguments.evaluate(frame);
            frame.meter().at(line);
            frame.meter().step();
            return filter.apply(frame.meter(), value, given);
        }

        @Override
        public List<Expression> parts() {
            return arguments.partsAfter(input);
        }
    }
}
