package dpo.data.template.operator;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Items;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Range;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's {@code text % values} with the conversions {@code s r d i x X f F c %}. */
public final class PercentFormat {
    private static final Pattern SPEC =
            Pattern.compile("%(?:\\(([^()]*)\\))?([-+ 0]*)(\\d{0,9})(?:\\.(\\d{0,9}))?(.)", Pattern.DOTALL);

    /** The greatest number of decimals of a double: those of 2^-1074. */
    private static final int DECIMALS = 1074;
    /** Number of steps charged for one conversion: a regular expression, and at most an exact decimal. */
    private static final int CONVERSION = 50;

    private final Meter meter;
    private final Value values;
    private int next;

    private PercentFormat(Meter meter, Value values) {
        this.meter = meter;
        this.values = values;
    }

    /** {@return {@code format % values}} */
    public static Value format(Meter meter, String format, Value values) {
        meter.walk(format.length());
        return new PercentFormat(meter, values).format(format);
    }

    private Value format(String format) {
        TextBuilder text = new TextBuilder(meter);
        Matcher spec = SPEC.matcher(format);
        int done = 0;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', done)) {
            if (!spec.region(at, format.length()).lookingAt()) {
                String shown = format.substring(at, Math.min(format.length(), at + 20));
                throw new Failure("incomplete or unsupported format '" + shown + "'");
            }
            text.append(format.substring(done, at));
            convert(spec, text);
            done = spec.end();
        }
        boolean tuple = values instanceof Items items && items.isTuple();
        boolean used = tuple ? next >= values.length(meter) : next > 0 || mapping();
        if (!used) {
            throw new Failure("not all arguments converted during string formatting");
        }
        return text.append(format.substring(done)).text();
    }

    /** Whether CPython treats the values as a mapping: everything with an index, except tuples and texts. */
    private boolean mapping() {
        return values instanceof Dict
                || values instanceof Items
                || values instanceof Undefined
                || values instanceof Range;
    }

    private Value argument(Matcher spec) {
        if (spec.group(1) != null) {
            if (!(values instanceof Dict dict)) {
                throw new Failure("format requires a mapping");
            }
            next++;
            return dict.find(meter, Str.literal(spec.group(1)))
                    .orElseThrow(() -> new Failure("no key '" + spec.group(1) + "' for the format"));
        }
        List<Value> arguments = values instanceof Items items && items.isTuple() ? items.values() : List.of(values);
        if (next >= arguments.size()) {
            throw new Failure("not enough arguments for format string");
        }
        return arguments.get(next++);
    }

    private void convert(Matcher spec, TextBuilder text) {
        meter.steps(CONVERSION);
        String flags = spec.group(2);
        String precision = spec.group(4);
        char conversion = spec.group(5).charAt(0);
        if (conversion == '%') {
            if (spec.group().length() > 2) {
                throw Failure.unsupported("the format '" + spec.group() + "'");
            }
            text.append('%');
            return;
        }
        Value value = argument(spec);
        String body;
        String sign = "";
        if ("sr".indexOf(conversion) >= 0) {
            body = cut(conversion == 's' ? value.str(meter) : value.repr(meter), precision);
        } else if (conversion == 'c') {
            body = character(value);
        } else {
            body = number(conversion, value, precision);
            boolean negative = body.startsWith("-");
            sign = negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
            body = negative ? body.substring(1) : body;
        }
        boolean zeros = flags.contains("0") && "src".indexOf(conversion) < 0 && !flags.contains("-");
        long width = spec.group(3).isEmpty() ? 0 : Long.parseLong(spec.group(3));
        long room = width - sign.length() - body.codePointCount(0, body.length());
        text.repeat(" ", zeros || flags.contains("-") ? 0 : room).append(sign).repeat("0", zeros ? room : 0);
        text.append(body).repeat(" ", flags.contains("-") ? room : 0);
    }

    private String cut(String text, @Nullable String precision) {
        if (precision == null) {
            return text;
        }
        meter.walk(text.length());
        long most = precision.isEmpty() ? 0 : Long.parseLong(precision);
        int length = text.codePointCount(0, text.length());
        return text.substring(0, text.offsetByCodePoints(0, (int) Math.min(most, length)));
    }

    @SuppressWarnings("OrphanedFormatString") // Python's message
    private String character(Value value) {
        if (value instanceof Str text && text.length(meter) == 1) {
            return text.value();
        }
        long code = Numbers.index(value);
        if (code < 0 || code > Character.MAX_CODE_POINT) {
            throw new Failure("%c arg not in range(0x110000)");
        }
        return Character.toString((int) code);
    }

    private String number(char conversion, Value value, @Nullable String precision) {
        if (!Numbers.isNumber(value)) {
            throw new Failure("%" + conversion + " format: a number is required, not " + value.typeName());
        }
        int digits = precision == null || precision.isEmpty() ? 0 : Integer.parseInt(precision);
        return switch (conversion) {
            case 'd', 'i', 'u' -> pad(Long.toString(truncate(value)), digits);
            case 'x' -> pad(Long.toString(Numbers.index(value), 16), digits);
            case 'X' -> pad(Long.toString(Numbers.index(value), 16).toUpperCase(Locale.ROOT), digits);
            case 'f', 'F' -> fixed(Numbers.real(value), precision == null ? 6 : digits);
            default -> throw Failure.unsupported("the format conversion %" + conversion);
        };
    }

    private static long truncate(Value value) {
        return value instanceof Real real ? Numbers.truncate(real.value()) : Numbers.integer(value);
    }

    private String pad(String number, int digits) {
        boolean negative = number.startsWith("-");
        String body = negative ? number.substring(1) : number;
        return new TextBuilder(meter)
                .append(negative ? "-" : "")
                .repeat("0", digits - body.length())
                .append(body)
                .toString();
    }

    private String fixed(double value, int digits) {
        if (!Double.isFinite(value)) {
            throw Failure.unsupported("formatting an infinite number");
        }
        // All further decimals are zeros.
        int exact = Math.min(digits, DECIMALS);
        String text = new BigDecimal(value)
                .setScale(exact, RoundingMode.HALF_EVEN)
                .abs()
                .toPlainString();
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        return new TextBuilder(meter)
                .append(negative ? "-" : "")
                .append(text)
                .repeat("0", digits - exact)
                .toString();
    }
}
