package dpo.data.template;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** {@code for target in values if test} … {@code else} … {@code endfor}. */
record For(Target target, Expr values, Optional<Expr> test, List<Stmt> body, List<Stmt> otherwise, int line,
        Scopes scopes) implements Stmt {
    /** The loop's three scopes: a set inside one of them stays inside. */
    record Scopes(Scope body, Scope test, Scope otherwise) {
        Scopes(Meter meter) {
            this(new Scope(meter), new Scope(meter), new Scope(meter));
        }
    }

    @Override
    public void declare(Scope outer) {
        outer.load(values);
    }

    @Override
    public void nest(Scope outer) {
        scopes.body.within(outer).parameter("loop");
        target.declare(scopes.body, true);
        Stmt.nest(body, scopes.body);
        target.declare(scopes.test.within(outer), true);
        test.ifPresent(scopes.test::load);
        Stmt.nest(otherwise, scopes.otherwise.within(outer));
    }

    @Override
    public Flow execute(Frame frame, TextBuilder out) {
        Value iterated = values.value(frame);
        Meter meter = frame.meter();
        meter.at(line);
        Value source = test.isPresent()
                ? Stream.of(meter, iterated, passing(meter, iterated.iterator(meter), frame))
                : iterated;
        Loop loop = new Loop(meter, source);
        Frame turn = frame.inner(scopes.body);
        // As in Jinja2, a turn that ends in break or continue does not count for else.
        boolean completed = false;
        Flow flow = Flow.NEXT;
        while (flow != Flow.BREAK && loop.hasNext()) {
            meter.step();
            turn.enter();
            target.assign(turn, loop.next());
            turn.set("loop", loop);
            flow = Stmt.execute(body, turn, out);
            meter.at(line);
            completed |= flow == Flow.NEXT;
        }
        turn.leave();
        if (completed) {
            return Flow.NEXT;
        }
        Frame inner = frame.inner(scopes.otherwise);
        Flow jump = Stmt.execute(otherwise, inner, out);
        inner.leave();
        return jump;
    }

    /** The items that pass the test, looked for only when asked: the test may read what the body has set. */
    private Iterator<Value> passing(Meter meter, Iterator<Value> items, Frame frame) {
        Frame inner = frame.inner(scopes.test);
        Expr condition = test.orElseThrow();
        Iterator<Value> passing = SelectionFilters.filtered(meter, items, item -> {
            meter.at(line);
            target.assign(inner, item);
            return condition.value(inner).truth();
        });
        // Jinja2 passes unpacked items on as a tuple.
        return target instanceof Target.Several
                ? new Counted<>(meter, passing, item -> Items.tuple(meter, item.toList(meter)))
                : passing;
    }
}
