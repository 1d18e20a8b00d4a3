package dpo.data.template;

import java.util.Iterator;

/** Items of a value, each charged as a step when it is taken. */
record Counted(Meter meter, Iterator<? extends Value> items) implements Iterator<Value> {
    Counted {
        meter.shell();
    }

    @Override
    public boolean hasNext() {
        return items.hasNext();
    }

    @Override
    public Value next() {
        meter.step();
        return items.next();
    }
}
