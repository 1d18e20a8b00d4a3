package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.operator.Ordering;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Bool;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Items;
import dpo.data.template.value.Markup;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Value;
import java.util.List;
import java.util.function.Consumer;

/** The filter {@code tojson} of transformers: Python's {@code json.dumps} with some of its arguments. */
final class JsonFilter {
    private final boolean ascii;
    private final boolean indented;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;
    private final TextBuilder text;

    private JsonFilter(Meter meter, Arguments args) {
        text = new TextBuilder(meter);
        ascii = args.flag(0);
        Value indentation = args.valueOr(1, None.NONE);
        indented = indentation != None.NONE;
        indent = !indented
                ? ""
                : indentation instanceof Str unit
                        ? unit.value()
                        : new TextBuilder(meter)
                                .repeat(" ", Numbers.index(indentation))
                                .toString();
        Value separators = args.valueOr(2, None.NONE);
        if (separators == None.NONE) {
            itemSeparator = indented ? "," : ", ";
            keySeparator = ": ";
        } else {
            List<Value> pair = separators.toList(meter);
            if (pair.size() != 2) {
                throw new Failure("separators must be a pair, got " + separators.repr(meter));
            }
            itemSeparator = Str.require(pair.get(0));
            keySeparator = Str.require(pair.get(1));
        }
        sortKeys = args.flag(3);
    }

    static Value dumps(Meter meter, Value value, Arguments arguments) {
        JsonFilter json = new JsonFilter(meter, arguments.bind("ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return json.text.text();
    }

    private void write(Value value, int depth) {
        text.meter().step();
        if (value instanceof Str || value instanceof Markup) {
            quote(value.str(text.meter()));
        } else if (value instanceof Items items) {
            block('[', items.values(), item -> write(item, depth + 1), ']', depth);
        } else if (value instanceof Dict dict) {
            block(
                    '{',
                    entries(dict),
                    entry -> {
                        Items pair = (Items) entry;
                        quote(keyText(pair.values().get(0)));
                        text.append(keySeparator);
                        write(pair.values().get(1), depth + 1);
                    },
                    '}',
                    depth);
        } else {
            text.append(scalar(value));
        }
    }

    private List<Value> entries(Dict dict) {
        List<Value> entries = dict.items(text.meter());
        return sortKeys
                ? Ordering.sort(
                        text.meter(), entries, pair -> ((Items) pair).values().get(0), false)
                : entries;
    }

    private void block(char open, List<Value> entries, Consumer<Value> write, char close, int depth) {
        text.append(open);
        String separator = "";
        for (Value entry : entries) {
            text.append(separator);
            newLine(depth + 1);
            write.accept(entry);
            separator = itemSeparator;
        }
        if (!entries.isEmpty()) {
            newLine(depth);
        }
        text.append(close);
    }

    private void newLine(int depth) {
        if (indented) {
            text.append('\n').repeat(indent, depth);
        }
    }

    private String keyText(Value key) {
        return key instanceof Str name ? name.value() : scalar(key);
    }

    private String scalar(Value value) {
        if (value == None.NONE) {
            return "null";
        }
        if (value instanceof Bool truth) {
            return truth.truth() ? "true" : "false";
        }
        if (value instanceof Real real && !Double.isFinite(real.value())) {
            return Double.isNaN(real.value()) ? "NaN" : real.value() > 0 ? "Infinity" : "-Infinity";
        }
        if (Numbers.isNumber(value)) {
            return value.repr(text.meter());
        }
        throw new Failure("Object of type " + value.typeName() + " is not JSON serializable");
    }

    private void quote(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\f' -> text.append("\\f");
                case '\b' -> text.append("\\b");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        text.appendHex("\\u", 4, c);
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
