package dpo.data.template.runtime;

import dpo.data.template.meter.Meter;
import dpo.data.template.value.Generator;
import dpo.data.template.value.Items;
import dpo.data.template.value.Iterators;
import dpo.data.template.value.Loop;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Value;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** {@code for target in values if test} … {@code else} … {@code endfor}. */
public record For(
        Target target,
        Expression values,
        Optional<Expression> test,
        List<Statement> body,
        List<Statement> otherwise,
        int line,
        Scopes scopes)
        implements Statement {
    /** The loop's three scopes; an assignment stays in its scope. */
    public record Scopes(Scope body, Scope test, Scope otherwise) {
        /** Three empty scopes. */
        public Scopes(Meter meter) {
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
        Statement.nest(body, scopes.body);
        target.declare(scopes.test.within(outer), true);
        test.ifPresent(scopes.test::load);
        Statement.nest(otherwise, scopes.otherwise.within(outer));
    }

    @Override
    public Flow execute(Frame frame, TextBuilder out) {
        Value iterated = values.value(frame);
        Meter meter = frame.meter();
        meter.at(line);
        Value source = test.isPresent()
                ? Generator.of(meter, iterated, passing(meter, iterated.iterator(meter), frame))
                : iterated;
        Loop loop = new Loop(meter, source);
        Frame iteration = frame.inner(scopes.body);
        // As in Jinja2, an iteration that ends with break or continue does not prevent else.
        boolean completed = false;
        Flow flow = Flow.NEXT;
        while (flow != Flow.BREAK && loop.hasNext()) {
            meter.step();
            iteration.enter();
            target.assign(iteration, loop.next());
            iteration.set("loop", loop);
            flow = Statement.execute(body, iteration, out);
            meter.at(line);
            completed |= flow == Flow.NEXT;
        }
        iteration.leave();
        if (completed) {
            return Flow.NEXT;
        }
        Frame inner = frame.inner(scopes.otherwise);
        Flow jump = Statement.execute(otherwise, inner, out);
        inner.leave();
        return jump;
    }

    /** The items that pass the test, which is evaluated lazily: it may read variables that the body has set. */
    private Iterator<Value> passing(Meter meter, Iterator<Value> items, Frame frame) {
        Frame inner = frame.inner(scopes.test);
        Expression condition = test.orElseThrow();
        Iterator<Value> passing = Iterators.filter(meter, items, item -> {
            meter.at(line);
            target.assign(inner, item);
            return condition.value(inner).truth();
        });
        // In Jinja2 an unpacked item becomes a tuple.
        return target instanceof Target.Several
                ? Iterators.map(meter, passing, item -> Items.tuple(meter, item.toList(meter)))
                : passing;
    }
}
