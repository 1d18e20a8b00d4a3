package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** An expression of a template. */
public sealed interface Expression
        permits Expression.Constant, Expression.Name, Display, Access, Application, Operation {
    /** {@return the value; charges one step and one level} */
    default Value value(Frame frame) {
        Meter meter = frame.meter();
        meter.enter();
        Value value = evaluate(frame);
        meter.leave();
        return value;
    }

    /** {@return the value; to be called by {@link #value} alone} */
    Value evaluate(Frame frame);

    /** {@return the direct subexpressions} */
    List<Expression> parts();

    /** Visits the names of the variables that this expression reads. */
    default void names(Consumer<String> visit) {
        parts().forEach(part -> part.names(visit));
    }

    /** {@return the expression; fails if its nesting exceeds the limit} */
    static Expression bounded(Expression expression) {
        List<Expression> level = List.of(expression);
        for (int depth = 0; !level.isEmpty(); depth++) {
            if (depth > Limits.NESTING) {
                throw new Failure("an expression must nest at most " + Limits.NESTING + " deep");
            }
            List<Expression> below = new ArrayList<>();
            level.forEach(node -> below.addAll(node.parts()));
            level = below;
        }
        return expression;
    }

    /** A literal. */
    record Constant(Value value) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            return value;
        }

        @Override
        public List<Expression> parts() {
            return List.of();
        }
    }

    /** A variable. */
    record Name(String name, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().at(line);
            return frame.get(name);
        }

        @Override
        public List<Expression> parts() {
            return List.of();
        }

        @Override
        public void names(Consumer<String> visit) {
            visit.accept(name);
        }
    }
}
