package dpo.data.template.runtime;

import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Slice;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Access to a part of a value. */
public sealed interface Access extends Expression {
    /** {@code owner.name}. */
    record Attribute(Expression owner, String name, int line) implements Access {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            frame.meter().at(line);
            return value.attribute(frame.meter(), name);
        }

        @Override
        public List<Expression> parts() {
            return List.of(owner);
        }
    }

    /** {@code owner[key]}. */
    record Item(Expression owner, Expression key, int line) implements Access {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            Value index = key.value(frame);
            frame.meter().at(line);
            return value.item(frame.meter(), index);
        }

        @Override
        public List<Expression> parts() {
            return List.of(owner, key);
        }
    }

    /** {@code owner[start:stop:step]}. */
    record Part(
            Expression owner,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step,
            int line)
            implements Access {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            Slice slice = new Slice(bound(start, frame), bound(stop, frame), bound(step, frame));
            frame.meter().at(line);
            return value.slice(frame.meter(), slice);
        }

        private static Optional<Long> bound(Optional<Expression> expression, Frame frame) {
            return expression
                    .map(given -> given.value(frame))
                    .filter(value -> value != None.NONE)
                    .map(Numbers::index);
        }

        @Override
        public List<Expression> parts() {
            List<Expression> parts = new ArrayList<>(List.of(owner));
            start.ifPresent(parts::add);
            stop.ifPresent(parts::add);
            step.ifPresent(parts::add);
            return parts;
        }
    }
}
