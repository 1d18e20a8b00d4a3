package dpo.data.template.value;

import dpo.data.template.meter.Meter;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Lazy iterators that charge a step for each item. */
public final class Iterators {
    private Iterators() {}

    /** {@return an iterator over the results of a function} */
    public static <T> Iterator<Value> map(
            Meter meter, Iterator<T> items, Function<? super T, ? extends Value> function) {
        meter.shell();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Value next() {
                meter.step();
                return function.apply(items.next());
            }
        };
    }

    /** {@return an iterator over the items that pass a test, which runs when the next item is asked for} */
    public static Iterator<Value> filter(Meter meter, Iterator<Value> items, Predicate<Value> test) {
        return new Iterator<>() {
            private Optional<Value> ahead = Optional.empty();

            @Override
            public boolean hasNext() {
                while (ahead.isEmpty() && items.hasNext()) {
                    meter.step();
                    ahead = Optional.of(items.next()).filter(test);
                }
                return ahead.isPresent();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Value item = ahead.orElseThrow();
                ahead = Optional.empty();
                return item;
            }
        };
    }
}
