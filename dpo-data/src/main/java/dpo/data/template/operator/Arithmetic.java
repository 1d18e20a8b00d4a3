package dpo.data.template.operator;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.value.Int;
import dpo.data.template.value.Items;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.List;

/** Python's arithmetic on numbers, texts and sequences; an overflow is an {@link ArithmeticException}. */
public final class Arithmetic {
    /** The greatest integer below which all integers are exact as doubles. */
    private static final long EXACT = 1L << 53;

    private Arithmetic() {}

    /** {@return {@code left operator right}} */
    public static Value apply(Meter meter, String operator, Value left, Value right) {
        return switch (operator) {
            case "+" -> add(meter, left, right);
            case "*" -> multiply(meter, left, right);
            case "%" ->
                left instanceof Str text
                        ? PercentFormat.format(meter, text.value(), right)
                        : numbers(operator, left, right);
            default -> numbers(operator, left, right);
        };
    }

    private static Value add(Meter meter, Value left, Value right) {
        if (left instanceof Str a && right instanceof Str b) {
            return new TextBuilder(meter).append(a.value()).append(b.value()).text();
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            return a.plus(meter, b);
        }
        return numbers("+", left, right);
    }

    private static Value multiply(Meter meter, Value left, Value right) {
        if (Numbers.isInteger(left) && (right instanceof Str || right instanceof Items)) {
            return multiply(meter, right, left);
        }
        if (left instanceof Str text && Numbers.isInteger(right)) {
            return new TextBuilder(meter)
                    .repeat(text.value(), Numbers.integer(right))
                    .text();
        }
        if (left instanceof Items items && Numbers.isInteger(right)) {
            return items.repeat(meter, Numbers.integer(right));
        }
        return numbers("*", left, right);
    }

    private static Value numbers(String operator, Value left, Value right) {
        if (!Numbers.isNumber(left) || !Numbers.isNumber(right)) {
            throw unsupported(operator, left, right);
        }
        boolean integers = Numbers.isInteger(left) && Numbers.isInteger(right);
        if (Numbers.real(right) == 0 && List.of("/", "//", "%").contains(operator)) {
            throw new Failure("division by zero");
        }
        if (integers && !operator.equals("/")) {
            return new Int(integers(operator, Numbers.integer(left), Numbers.integer(right)));
        }
        if (integers && (Math.abs(Numbers.integer(left)) > EXACT || Math.abs(Numbers.integer(right)) > EXACT)) {
            throw Failure.unsupported("true division of integers beyond 2**53");
        }
        return new Real(reals(operator, Numbers.real(left), Numbers.real(right)));
    }

    private static long integers(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> b == -1 ? Math.negateExact(a) : Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            default -> power(a, b);
        };
    }

    private static long power(long base, long exponent) {
        if (exponent < 0) {
            throw Failure.unsupported("a negative power");
        }
        long result = 1;
        // Bases other than 0, 1 and -1 overflow after at most 63 multiplications.
        long times = Math.abs(base) > 1 ? exponent : Math.min(exponent, 2 - exponent % 2);
        for (long i = 0; i < times; i++) {
            result = Math.multiplyExact(result, base);
        }
        return result;
    }

    private static double reals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> floorDivide(a, b);
            case "%" -> remainder(a, b);
            default -> throw Failure.unsupported("a power of floats");
        };
    }

    /** The remainder with the sign of the divisor. */
    private static double remainder(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0, b);
        }
        return b < 0 != rest < 0 ? rest + b : rest;
    }

    /** CPython's float_divmod: the quotient of the left operand without its remainder. */
    private static double floorDivide(double a, double b) {
        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0 && b < 0 != rest < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    /** {@return {@code -value}} */
    public static Value negate(Value value) {
        if (value instanceof Real real) {
            return new Real(-real.value());
        }
        return numbers("-", Int.ZERO, number("unary -", value));
    }

    /** {@return {@code +value}} */
    public static Value plus(Value value) {
        return value instanceof Real ? value : new Int(Numbers.integer(number("unary +", value)));
    }

    private static Value number(String operator, Value value) {
        if (!Numbers.isNumber(value)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new Failure("bad operand type for " + operator + ": '" + value.typeName() + "'");
        }
        return value;
    }

    /** {@return the failure of an operator on operands of types for which Python does not define it} */
    static Failure unsupported(String operator, Value left, Value right) {
        if (left instanceof Undefined undefined) {
            return undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            return undefined.failure();
        }
        return new Failure("unsupported operand types for " + operator + ": '" + left.typeName() + "' and '"
                + right.typeName() + "'");
    }
}
