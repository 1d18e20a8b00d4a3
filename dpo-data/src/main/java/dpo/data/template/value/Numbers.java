package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Characters;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Values as Java's numbers, and Python's {@code int(...)} and {@code float(...)} of a text. */
public final class Numbers {
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]++(?:_[0-9]++)*+");
    private static final Pattern REAL =
            Pattern.compile("[+-]?(?:D\\.?(?:D)?|\\.D)(?:[eE][+-]?D)?".replace("D", "[0-9]++(?:_[0-9]++)*+"));
    private static final Pattern SPECIAL = Pattern.compile("[+-]?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

    private Numbers() {}

    /** {@return whether a value is an integer; in Python a bool is one} */
    public static boolean isInteger(Value value) {
        return value instanceof Int || value instanceof Bool;
    }

    /** {@return whether a value is an integer or a float} */
    public static boolean isNumber(Value value) {
        return isInteger(value) || value instanceof Real;
    }

    /** {@return whether a value is the float nan} */
    public static boolean isNaN(Value value) {
        return value instanceof Real real && Double.isNaN(real.value());
    }

    /** {@return an integer as a long} */
    public static long integer(Value value) {
        return value instanceof Int number ? number.value() : ((Bool) value).number();
    }

    /** {@return a number as a double} */
    public static double real(Value value) {
        return value instanceof Real number ? number.value() : integer(value);
    }

    /** {@return an argument that must be an integer} */
    public static long index(Value value) {
        if (!isInteger(value)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new Failure("an integer is needed, got " + value.typeName());
        }
        return integer(value);
    }

    /** Python's {@code int(text)}, empty if it raises ValueError. */
    public static Optional<Value> parseInteger(Meter meter, String text) {
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

    /** Python's {@code float(text)}, empty if it raises ValueError. */
    public static Optional<Double> parseReal(Meter meter, String text) {
        meter.walk(text.length());
        String digits = Characters.strip(text);
        refuseForeignDigits(digits);
        if (SPECIAL.matcher(digits).matches()) {
            String name = digits.toLowerCase(Locale.ROOT);
            return Optional.of(
                    name.contains("nan")
                            ? Double.NaN
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
    public static long truncate(double value) {
        if (!(Math.abs(value) < 0x1p63)) {
            throw Failure.unsupported("an integer beyond 64 bits");
        }
        return (long) value;
    }
}
