package dpo.data.template.runtime;

import dpo.data.template.value.Dict;
import dpo.data.template.value.Items;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** List, tuple and dict literals. */
public sealed interface Display extends Expression {
    /** {@code [a, b]} or {@code (a, b)}. */
    record Sequence(List<Expression> items, boolean tuple, int line) implements Display {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().slots(items.size());
            List<Value> values = new ArrayList<>();
            items.forEach(item -> values.add(item.value(frame)));
            frame.meter().at(line);
            return tuple ? Items.tuple(frame.meter(), values) : Items.list(frame.meter(), values);
        }

        @Override
        public List<Expression> parts() {
            return items;
        }
    }

    /** {@code {a: b}}; of equal keys the first key and the last value count. */
    record Mapping(List<Expression> keys, List<Expression> values, int line) implements Display {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().entries(keys.size());
            Map<Value, Value> entries = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Dict.put(
                        frame.meter(),
                        entries,
                        keys.get(i).value(frame),
                        values.get(i).value(frame));
            }
            frame.meter().at(line);
            return new Dict(frame.meter(), entries);
        }

        @Override
        public List<Expression> parts() {
            List<Expression> parts = new ArrayList<>(keys);
            parts.addAll(values);
            return parts;
        }
    }
}
