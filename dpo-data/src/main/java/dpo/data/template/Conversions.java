package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From Java's values to Python's, and Python's {@code int(...)} and {@code float(...)}. */
final class Conversions {
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]++(?:_[0-9]++)*+");
    private static final Pattern REAL = Pattern.compile(
            "[+-]?(?:D\\.?(?:D)?|\\.D)(?:[eE][+-]?D)?".replace("D", "[0-9]++(?:_[0-9]++)*+"));
    private static final Pattern SPECIAL = Pattern.compile("[+-]?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

    private Conversions() {}

    /** The Python value that JSON's decoder would have made of the same data. */
    static Value of(Meter meter, @Nullable Object value) {
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof String text) {
            return Text.literal(text);
        }
        if (value instanceof Boolean truth) {
            return Bool.of(truth);
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return new Int(((Number) value).longValue());
        }
        if (value instanceof Double || value instanceof Float) {
            return new Real(((Number) value).doubleValue());
        }
        if (value instanceof List<?> list) {
            meter.slots(list.size());
            List<Value> items = new ArrayList<>();
            list.forEach(item -> items.add(of(meter, item)));
            return Items.list(meter, items);
        }
        if (value instanceof Map<?, ?> map) {
            meter.entries(map.size());
            Map<Value, Value> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put(key(key), of(meter, item)));
            return new Dict(meter, entries);
        }
        throw new Failure("a variable must be text, number, boolean, null, list or map, got "
                + value.getClass().getName());
    }

    private static Value key(@Nullable Object key) {
        if (!(key instanceof String text)) {
            throw new Failure("a map key must be a text, got " + key);
        }
        return Text.literal(text);
    }

    /** Python's {@code int(text)}, empty where it raises ValueError. */
    static Optional<Value> integer(Meter meter, String text) {
        meter.walk(text.length());
        String digits = Characters.strip(text);
        refuseForeignDigits(digits);
        if (!INTEGER.matcher(digits).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Int(Long.parseLong(digits.replace("_", ""))));
        } catch (NumberFormatException tooLong) {
            throw Failure.unsupported("an integer beyond 64 bits");
        }
    }

    /** Python's {@code float(text)}, empty where it raises ValueError. */
    static Optional<Double> real(Meter meter, String text) {
        meter.walk(text.length());
        String digits = Characters.strip(text);
        refuseForeignDigits(digits);
        if (SPECIAL.matcher(digits).matches()) {
            String name = digits.toLowerCase(Locale.ROOT);
            return Optional.of(name.contains("nan") ? Double.NaN
                    : name.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return REAL.matcher(digits).matches()
                ? Optional.of(Double.parseDouble(digits.replace("_", "")))
                : Optional.empty();
    }

    private static void refuseForeignDigits(String text) {
        if (text.codePoints().anyMatch(c -> c > 127 && Character.isDigit(c))) {
            throw Failure.unsupported("a number in non-ASCII digits");
        }
    }

    /** Python's {@code int(float)}. */
    static long truncate(double value) {
        if (!(Math.abs(value) < 0x1p63)) {
            throw Failure.unsupported("an integer beyond 64 bits");
        }
        return (long) value;
    }
}
