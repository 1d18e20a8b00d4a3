package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.operator.Arithmetic;
import dpo.data.template.runtime.Filter;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Int;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** The filters whose results are numbers. */
final class NumberFilters {
    static final Map<String, Filter> FILTERS = Map.of(
            "abs", NumberFilters::abs,
            "int", NumberFilters::integer,
            "float", NumberFilters::real,
            "round", NumberFilters::round,
            "sum", NumberFilters::sum);

    /** Number of steps charged for the exact decimal of a float. */
    private static final int DECIMAL = 50;

    private NumberFilters() {}

    private static Value abs(Meter meter, Value input, Arguments args) {
        Value number = Arithmetic.plus(args.none(input));
        boolean negative =
                number instanceof Real real ? Double.compare(real.value(), 0.0) < 0 : Numbers.integer(number) < 0;
        return negative ? Arithmetic.negate(number) : number;
    }

    private static Value integer(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("default", "base");
        if (args.index(1, 10) != 10) {
            throw Failure.unsupported("a base other than 10");
        }
        Value otherwise = args.valueOr(0, Int.ZERO);
        if (input instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (input instanceof Real number) {
            return new Int(Numbers.truncate(number.value()));
        }
        if (input instanceof Str text) {
            return Numbers.parseInteger(meter, text.value())
                    .or(() -> Numbers.parseReal(meter, text.value())
                            .filter(Double::isFinite)
                            .map(Numbers::truncate)
                            .map(Int::new))
                    .orElse(otherwise);
        }
        return Numbers.isInteger(input) ? new Int(Numbers.integer(input)) : otherwise;
    }

    private static Value real(Meter meter, Value input, Arguments arguments) {
        Value otherwise = arguments.bind("default").valueOr(0, new Real(0));
        if (input instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (input instanceof Str text) {
            return Numbers.parseReal(meter, text.value()).<Value>map(Real::new).orElse(otherwise);
        }
        return Numbers.isNumber(input) ? new Real(Numbers.real(input)) : otherwise;
    }

    private static Value round(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("precision", "method");
        long precision = args.index(0, 0);
        String method = args.text(1, "common");
        Value number = Arithmetic.plus(input);
        if (precision < 0 || precision > 15) {
            throw Failure.unsupported("rounding to " + precision + " digits");
        }
        if (method.equals("common") && number instanceof Int) {
            return number;
        }
        double value = Numbers.real(number);
        if (!Double.isFinite(value)) {
            throw Failure.unsupported("rounding an infinite number");
        }
        meter.steps(DECIMAL);
        double scale = Math.pow(10, (double) precision);
        if (number instanceof Int && Math.abs(value) * scale > 0x1p53) {
            throw Failure.unsupported("rounding a large integer");
        }
        return new Real(
                switch (method) {
                    case "common" ->
                        Math.copySign(
                                new BigDecimal(value)
                                        .setScale((int) precision, RoundingMode.HALF_EVEN)
                                        .doubleValue(),
                                value);
                    case "ceil" -> Numbers.truncate(Math.ceil(value * scale)) / scale;
                    case "floor" -> Numbers.truncate(Math.floor(value * scale)) / scale;
                    default -> throw new Failure("method must be common, ceil or floor, got " + method);
                });
    }

    /** Floats are refused: since Python 3.12 they are added with compensation, so the sum depends on the version. */
    private static Value sum(Meter meter, Value input, Arguments arguments) {
        Arguments args = arguments.bind("attribute", "start");
        Value sum = args.valueOr(1, Int.ZERO);
        if (sum instanceof Str) {
            throw new Failure("sum() can't sum strings");
        }
        for (var items = SelectionFilters.attributes(meter, input, args.valueOr(0, None.NONE)); items.hasNext(); ) {
            sum = Arithmetic.apply(meter, "+", sum, items.next());
            if (sum instanceof Real) {
                throw Failure.unsupported("a sum of floats");
            }
        }
        return sum;
    }
}
