package dpo.data.template;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The variable {@code loop}; it looks ahead only where a template asks for what comes next. */
final class Loop implements Value {
    private final Value iterated;
    private Iterator<Value> items;
    private Optional<Value> after = Optional.empty();
    private Optional<Value> current = Optional.empty();
    private Optional<Value> before = Optional.empty();
    private Optional<Items> changed = Optional.empty();
    private long index0 = -1;
    private long length = -1;

    Loop(Value iterated) {
        this.iterated = iterated;
        this.items = iterated.iterator();
    }

    boolean hasNext() {
        return after.isPresent() || items.hasNext();
    }

    Value next() {
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
    public long length() {
        if (length < 0 && iterated.sized()) {
            length = iterated.length();
        } else if (length < 0) {
            List<Value> rest = new Stream(items).toList();
            items = rest.iterator();
            length = rest.size() + index0 + 1 + (after.isPresent() ? 1 : 0);
        }
        return length;
    }

    @Override
    public Value attribute(String name) {
        return switch (name) {
            case "index" -> new Int(index0 + 1);
            case "index0" -> new Int(index0);
            case "revindex" -> new Int(length() - index0);
            case "revindex0" -> new Int(length() - index0 - 1);
            case "first" -> Bool.of(index0 == 0);
            case "last" -> Bool.of(peek().isEmpty());
            case "length" -> new Int(length());
            case "depth" -> new Int(1);
            case "depth0" -> Int.ZERO;
            case "previtem" -> before.orElseGet(() -> new Undefined("there is no previous item"));
            case "nextitem" -> peek().orElseGet(() -> new Undefined("there is no next item"));
            case "cycle" -> Function.method(this, name, this::cycle);
            case "changed" -> Function.method(this, name, this::changed);
            default -> Value.super.attribute(name);
        };
    }

    private Value cycle(Arguments args) {
        return args.positional(1, Integer.MAX_VALUE).value((int) (index0 % args.size()));
    }

    private Value changed(Arguments args) {
        Items now = Items.tuple(args.positional(0, Integer.MAX_VALUE).values().stream().map(Optional::orElseThrow)
                .toList());
        boolean same = changed.filter(last -> Operators.equal(last, now)).isPresent();
        changed = Optional.of(now);
        return Bool.of(!same);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public String repr() {
        throw Failure.unsupported("printing the variable loop");
    }
}
