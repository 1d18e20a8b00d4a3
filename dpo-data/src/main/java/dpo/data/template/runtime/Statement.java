package dpo.data.template.runtime;

import dpo.data.template.meter.Meter;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A statement of a template. */
public sealed interface Statement
        permits Statement.Data,
                Statement.Print,
                Statement.If,
                Statement.Jump,
                Statement.Assign,
                Statement.Capture,
                Statement.With,
                Statement.Generation,
                Statement.FilterBlock,
                For,
                Macro {
    /** How execution continues after a statement. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** The variable that holds a captured text for the filters of its block. */
    String CAPTURED = "";

    /** Declares to the enclosing scope the names that the statement reads and sets there. */
    void declare(Scope scope);

    /** Resolves the scopes of the statement itself, once all names of the enclosing scope are declared. */
    default void nest(Scope scope) {}

    /** Executes the statement and appends its output; called by {@link #execute(List, Frame, TextBuilder)} alone. */
    Flow execute(Frame frame, TextBuilder out);

    /** Executes statements up to the first jump; charges one step for each and one level for all. */
    static Flow execute(List<Statement> body, Frame frame, TextBuilder out) {
        Meter meter = frame.meter();
        meter.enter();
        Flow flow = Flow.NEXT;
        for (int i = 0; flow == Flow.NEXT && i < body.size(); i++) {
            meter.step();
            flow = body.get(i).execute(frame, out);
        }
        meter.leave();
        return flow;
    }

    /** Resolves the scope of a body. */
    static void nest(List<Statement> body, Scope scope) {
        body.forEach(statement -> statement.declare(scope));
        body.forEach(statement -> statement.nest(scope));
    }

    /** Text outside of tags. */
    record Data(String text) implements Statement {
        @Override
        public void declare(Scope scope) {}

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            out.append(text);
            return Flow.NEXT;
        }
    }

    /** <code>{{ expression }}</code>. */
    record Print(Expression expression, int line) implements Statement {
        @Override
        public void declare(Scope scope) {
            scope.load(expression);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            Value value = expression.value(frame);
            frame.meter().at(line);
            out.append(value.str(frame.meter()));
            return Flow.NEXT;
        }
    }

    /** An {@code if} statement; each further branch is an {@code if} statement without branches. */
    record If(Expression test, List<Statement> then, List<Statement> elifs, List<Statement> otherwise, int line)
            implements Statement {
        @Override
        public void declare(Scope scope) {
            scope.load(test);
            List<Scope> branches = new ArrayList<>();
            for (List<Statement> body : List.of(then, elifs, otherwise)) {
                Scope branch = scope.branch();
                body.forEach(statement -> statement.declare(branch));
                branches.add(branch);
            }
            scope.merge(branches);
        }

        @Override
        public void nest(Scope scope) {
            List.of(then, elifs, otherwise).forEach(body -> body.forEach(statement -> statement.nest(scope)));
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            if (holds(frame)) {
                return Statement.execute(then, frame, out);
            }
            for (Statement statement : elifs) {
                If elif = (If) statement;
                if (elif.holds(frame)) {
                    return Statement.execute(elif.then, frame, out);
                }
            }
            return Statement.execute(otherwise, frame, out);
        }

        private boolean holds(Frame frame) {
            frame.meter().step();
            return test.value(frame).truth();
        }
    }

    /** {@code break} or {@code continue}. */
    record Jump(Flow flow) implements Statement {
        @Override
        public void declare(Scope scope) {}

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            return flow;
        }
    }

    /** {@code set target = value}. */
    record Assign(Target target, Expression value) implements Statement {
        @Override
        public void declare(Scope scope) {
            scope.load(value);
            target.declare(scope, false);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            target.assign(frame, value.value(frame));
            return Flow.NEXT;
        }
    }

    /** {@code set target} … {@code endset}: assigns the output of the body, filtered. */
    record Capture(Target target, Expression filtered, List<Statement> body, Scope scope) implements Statement {
        @Override
        public void declare(Scope outer) {
            target.declare(outer, false);
        }

        /** As in Jinja2, names in the filter's arguments are not declared; undeclared ones fail there, too. */
        @Override
        public void nest(Scope outer) {
            scope.within(outer).parameter(CAPTURED);
            Statement.nest(body, scope);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            target.assign(frame, capture(body, filtered, frame.inner(scope)));
            return Flow.NEXT;
        }
    }

    private static Value capture(List<Statement> body, Expression filtered, Frame inner) {
        TextBuilder text = new TextBuilder(inner.meter());
        execute(body, inner, text);
        inner.set(CAPTURED, text.text());
        Value result = filtered.value(inner);
        inner.leave();
        return result;
    }

    /** {@code filter name} … {@code endfilter}. */
    record FilterBlock(Expression filtered, List<Statement> body, Scope scope) implements Statement {
        @Override
        public void declare(Scope outer) {
            outer.load(filtered);
        }

        @Override
        public void nest(Scope outer) {
            scope.within(outer).parameter(CAPTURED);
            body.forEach(statement -> statement.declare(scope));
            scope.load(filtered);
            body.forEach(statement -> statement.nest(scope));
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            out.append(capture(body, filtered, frame.inner(scope)).str(frame.meter()));
            return Flow.NEXT;
        }
    }

    /** {@code with a = b} … {@code endwith}. */
    record With(Map<String, Expression> values, List<Statement> body, Scope scope) implements Statement {
        @Override
        public void declare(Scope outer) {
            values.values().forEach(outer::load);
        }

        @Override
        public void nest(Scope outer) {
            scope.within(outer);
            values.keySet().forEach(scope::parameter);
            Statement.nest(body, scope);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            Frame inner = frame.inner(scope);
            values.forEach((name, value) -> inner.set(name, value.value(frame)));
            Flow flow = Statement.execute(body, inner, out);
            inner.leave();
            return flow;
        }
    }

    /** {@code generation} … {@code endgeneration}: prints its body; assignments stay inside. */
    record Generation(List<Statement> body, Scope scope) implements Statement {
        @Override
        public void declare(Scope outer) {}

        @Override
        public void nest(Scope outer) {
            Statement.nest(body, scope.within(outer));
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            return Statement.execute(body, frame.inner(scope), out);
        }
    }
}
