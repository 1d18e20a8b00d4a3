package dpo.data.template;

import java.util.Iterator;
import java.util.function.Function;

/** The items that are made of others, one after another; each is charged as a step when it is taken. */
record Counted<T>(Meter meter, Iterator<T> others, Function<? super T, ? extends Value> item)
        implements Iterator<Value> {
    Counted {
        meter.shell();
    }

    @Override
    public boolean hasNext() {
        return others.hasNext();
    }

    @Override
    public Value next() {
        meter.step();
        return item.apply(others.next());
    }
}
