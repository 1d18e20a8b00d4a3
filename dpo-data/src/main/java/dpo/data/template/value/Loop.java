package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The variable {@code loop}, which is also the iterator of a {@code for}. It looks ahead only on demand. */
public final class Loop implements Value {
    private final Value iterated;
    private Iterator<Value> items;
    private Optional<Value> after = Optional.empty();
    private Optional<Value> current = Optional.empty();
    private Optional<Value> before = Optional.empty();
    private Optional<Items> changed = Optional.empty();
    private long index0 = -1;
    private long length = -1;

    /** Begins a loop over the items of a value. */
    public Loop(Meter meter, Value iterated) {
        meter.shell();
        this.iterated = iterated;
        this.items = iterated.iterator(meter);
    }

    /** {@return whether there is another item} */
    public boolean hasNext() {
        return after.isPresent() || items.hasNext();
    }

    /** {@return the next item, which becomes the current one} */
    public Value next() {
        Value next = after.isPresent() ? after.get() : items.next();
        after = Optional.empty();
        before = current;
        current = Optional.of(next);
        index0++;
        return next;
    }

    private Optional<Value> peek() {
        if (after.isEmpty() && items.hasNext()) {
            after = Optional.of(items.next());
        }
        return after;
    }

    @Override
    public long length(Meter meter) {
        if (length < 0 && iterated instanceof Container container) {
            length = container.length(meter);
        } else if (length < 0) {
            List<Value> rest = Generator.of(meter, iterated, items).toList(meter);
            items = rest.iterator();
            length = rest.size() + index0 + 1 + (after.isPresent() ? 1 : 0);
        }
        return length;
    }

    @Override
    public Value attribute(Meter meter, String name) {
        return switch (name) {
            case "index" -> new Int(index0 + 1);
            case "index0" -> new Int(index0);
            case "revindex" -> new Int(length(meter) - index0);
            case "revindex0" -> new Int(length(meter) - index0 - 1);
            case "first" -> Bool.of(index0 == 0);
            case "last" -> Bool.of(peek().isEmpty());
            case "length" -> new Int(length(meter));
            case "depth" -> new Int(1);
            case "depth0" -> Int.ZERO;
            case "previtem" -> before.orElseGet(() -> Undefined.because("there is no previous item"));
            case "nextitem" -> peek().orElseGet(() -> Undefined.because("there is no next item"));
            case "cycle" -> Callable.of(meter, name, this::cycle);
            case "changed" -> Callable.of(meter, name, this::changed);
            default -> Value.super.attribute(meter, name);
        };
    }

    private Value cycle(Meter meter, Arguments args) {
        return args.positional(1, Integer.MAX_VALUE).value((int) (index0 % args.size()));
    }

    private Value changed(Meter meter, Arguments args) {
        Items now = Items.tuple(meter, args.positional(0, Integer.MAX_VALUE).given());
        boolean same = changed.filter(last -> Equality.equal(meter, last, now)).isPresent();
        changed = Optional.of(now);
        return Bool.of(!same);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public void repr(TextBuilder out) {
        throw Failure.unsupported("printing the variable loop");
    }
}
