package dpo.data.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A statement of a template. */
sealed interface Stmt permits Stmt.Data, Stmt.Print, Stmt.If, Stmt.Jump, Stmt.Assign, Stmt.Capture, Stmt.With,
        Stmt.Generation, Stmt.FilterBlock, For, Macro {
    /** How a statement ended. */
    enum Flow { NEXT, BREAK, CONTINUE }

    /** The name under which a captured text is given to the filters of its block. */
    String CAPTURED = "";

    /** Tells the scope that the statement stands in which names it reads and sets there. */
    void declare(Scope scope);

    /** Works out the scopes of its own, now that all names of the scope it stands in are known. */
    default void nest(Scope scope) {}

    /** Runs the statement and appends what it prints; called by {@link #execute(List, Frame, TextBuilder)} alone. */
    Flow execute(Frame frame, TextBuilder out);

    /** Runs statements, each charged as one step and all as one level, up to the first that jumps. */
    static Flow execute(List<Stmt> body, Frame frame, TextBuilder out) {
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

    /** Works out the scope of a body. */
    static void nest(List<Stmt> body, Scope scope) {
        body.forEach(statement -> statement.declare(scope));
        body.forEach(statement -> statement.nest(scope));
    }

    /** Text outside of tags. */
    record Data(String text) implements Stmt {
        @Override
        public void declare(Scope scope) {}

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            out.append(text);
            return Flow.NEXT;
        }
    }

    /** <code>{{ expression }}</code>. */
    record Print(Expr expression, int line) implements Stmt {
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

    /** {@code if} with its {@code elif}s, each of them an {@code if} without further branches, and {@code else}. */
    record If(Expr test, List<Stmt> then, List<Stmt> elifs, List<Stmt> otherwise, int line) implements Stmt {
        @Override
        public void declare(Scope scope) {
            scope.load(test);
            List<Scope> branches = new ArrayList<>();
            for (List<Stmt> body : List.of(then, elifs, otherwise)) {
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
                return Stmt.execute(then, frame, out);
            }
            for (Stmt statement : elifs) {
                If elif = (If) statement;
                if (elif.holds(frame)) {
                    return Stmt.execute(elif.then, frame, out);
                }
            }
            return Stmt.execute(otherwise, frame, out);
        }

        private boolean holds(Frame frame) {
            frame.meter().step();
            return test.value(frame).truth();
        }
    }

    /** {@code break} or {@code continue}. */
    record Jump(Flow flow) implements Stmt {
        @Override
        public void declare(Scope scope) {}

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            return flow;
        }
    }

    /** {@code set target = value}. */
    record Assign(Target target, Expr value) implements Stmt {
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

    /** {@code set target} … {@code endset}: what the body prints, filtered. */
    record Capture(Target target, Expr filtered, List<Stmt> body, Scope scope) implements Stmt {
        @Override
        public void declare(Scope outer) {
            target.declare(outer, false);
        }

        /** Names in the filter's arguments are not declared, as Jinja2 doesn't; unknown ones fail there, too. */
        @Override
        public void nest(Scope outer) {
            scope.within(outer).parameter(CAPTURED);
            Stmt.nest(body, scope);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            target.assign(frame, capture(body, filtered, frame.inner(scope)));
            return Flow.NEXT;
        }
    }

    private static Value capture(List<Stmt> body, Expr filtered, Frame inner) {
        TextBuilder text = new TextBuilder(inner.meter());
        execute(body, inner, text);
        inner.set(CAPTURED, text.text());
        Value result = filtered.value(inner);
        inner.leave();
        return result;
    }

    /** {@code filter name} … {@code endfilter}. */
    record FilterBlock(Expr filtered, List<Stmt> body, Scope scope) implements Stmt {
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
    record With(Map<String, Expr> values, List<Stmt> body, Scope scope) implements Stmt {
        @Override
        public void declare(Scope outer) {
            values.values().forEach(outer::load);
        }

        @Override
        public void nest(Scope outer) {
            scope.within(outer);
            values.keySet().forEach(scope::parameter);
            Stmt.nest(body, scope);
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            Frame inner = frame.inner(scope);
            values.forEach((name, value) -> inner.set(name, value.value(frame)));
            Flow flow = Stmt.execute(body, inner, out);
            inner.leave();
            return flow;
        }
    }

    /** {@code generation} … {@code endgeneration}: prints its body; what is set inside stays inside. */
    record Generation(List<Stmt> body, Scope scope) implements Stmt {
        @Override
        public void declare(Scope outer) {}

        @Override
        public void nest(Scope outer) {
            Stmt.nest(body, scope.within(outer));
        }

        @Override
        public Flow execute(Frame frame, TextBuilder out) {
            return Stmt.execute(body, frame.inner(scope), out);
        }
    }
}
