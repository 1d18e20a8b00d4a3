package dpo.data.template;

import java.util.ArrayList;
import java.util.List;

/** Python's {@code json.dumps} with the arguments that transformers' {@code tojson} passes on. */
final class Json {
    private final boolean ascii;
    private final boolean indented;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;
    private final TextBuilder text = new TextBuilder();

    private Json(Arguments args) {
        ascii = args.flag(0);
        Value indentation = args.valueOr(1, None.NONE);
        indented = indentation != None.NONE;
        indent = !indented ? "" : indentation instanceof Text unit
                ? unit.value()
                : new TextBuilder().repeat(" ", Operators.index(indentation)).toString();
        Value separators = args.valueOr(2, None.NONE);
        if (separators == None.NONE) {
            itemSeparator = indented ? "," : ", ";
            keySeparator = ": ";
        } else {
            List<Value> pair = separators.toList();
            if (pair.size() != 2) {
                throw new Failure("separators must be a pair, got " + separators.repr());
            }
            itemSeparator = Operators.text(pair.get(0));
            keySeparator = Operators.text(pair.get(1));
        }
        sortKeys = args.flag(3);
    }

    static Value dumps(Value value, Arguments arguments) {
        Json json = new Json(arguments.bind("ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return new Text(json.text.toString());
    }

    private void write(Value value, int depth) {
        if (value instanceof Text || value instanceof SafeText) {
            quote(value.str());
        } else if (value instanceof Items items) {
            List<Runnable> entries = new ArrayList<>();
            items.values().forEach(item -> entries.add(() -> write(item, depth + 1)));
            block('[', entries, ']', depth);
        } else if (value instanceof Dict dict) {
            List<Runnable> entries = new ArrayList<>();
            for (Value entry : entries(dict)) {
                Items pair = (Items) entry;
                entries.add(() -> {
                    quote(scalarOrText(pair.values().get(0)));
                    text.append(keySeparator);
                    write(pair.values().get(1), depth + 1);
                });
            }
            block('{', entries, '}', depth);
        } else {
            text.append(scalar(value));
        }
    }

    private List<Value> entries(Dict dict) {
        if (!sortKeys) {
            return dict.items();
        }
        return Operators.sort(dict.items(), pair -> ((Items) pair).values().get(0), false);
    }

    private void block(char open, List<Runnable> entries, char close, int depth) {
        text.append(open);
        String separator = "";
        for (Runnable entry : entries) {
            text.append(separator);
            newLine(depth + 1);
            entry.run();
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

    private static String scalarOrText(Value key) {
        return key instanceof Text name ? name.value() : scalar(key);
    }

    private static String scalar(Value value) {
        if (value == None.NONE) {
            return "null";
        }
        if (value instanceof Bool truth) {
            return truth.truth() ? "true" : "false";
        }
        if (value instanceof Real real && !Double.isFinite(real.value())) {
            return Double.isNaN(real.value()) ? "NaN" : real.value() > 0 ? "Infinity" : "-Infinity";
        }
        if (Operators.isNumber(value)) {
            return value.repr();
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
                    if (c < ' ' || ascii && c > '~') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
