package dpo.data.template;

import java.util.List;

/** Python's arithmetic operators, on numbers, texts and sequences; overflow is an ArithmeticException. */
final class Arithmetic {
    /** Integers up to here are exact as doubles. */
    private static final long EXACT = 1L << 53;

    private Arithmetic() {}

    static Value apply(Meter meter, String operator, Value left, Value right) {
        return switch (operator) {
            case "+" -> add(meter, left, right);
            case "*" -> multiply(meter, left, right);
            case "%" -> left instanceof Text text
                    ? PercentFormat.format(meter, text.value(), right)
                    : numbers(operator, left, right);
            default -> numbers(operator, left, right);
        };
    }

    private static Value add(Meter meter, Value left, Value right) {
        if (left instanceof Text a && right instanceof Text b) {
            return new TextBuilder(meter).append(a.value()).append(b.value()).text();
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            return a.plus(meter, b);
        }
        return numbers("+", left, right);
    }

    private static Value multiply(Meter meter, Value left, Value right) {
        if (Operators.isInteger(left) && (right instanceof Text || right instanceof Items)) {
            return multiply(meter, right, left);
        }
        if (left instanceof Text text && Operators.isInteger(right)) {
            return new TextBuilder(meter).repeat(text.value(), Operators.integer(right)).text();
        }
        if (left instanceof Items items && Operators.isInteger(right)) {
            return items.repeat(meter, Operators.integer(right));
        }
        return numbers("*", left, right);
    }

    private static Value numbers(String operator, Value left, Value right) {
        if (!Operators.isNumber(left) || !Operators.isNumber(right)) {
            throw Operators.failure(operator, left, right);
        }
        boolean integers = Operators.isInteger(left) && Operators.isInteger(right);
        if (Operators.real(right) == 0 && List.of("/", "//", "%").contains(operator)) {
            throw new Failure("division by zero");
        }
        if (integers && !operator.equals("/")) {
            return new Int(integers(operator, Operators.integer(left), Operators.integer(right)));
        }
        if (integers && (Math.abs(Operators.integer(left)) > EXACT || Math.abs(Operators.integer(right)) > EXACT)) {
            throw Failure.unsupported("true division of integers beyond 2**53");
        }
        return new Real(reals(operator, Operators.real(left), Operators.real(right)));
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
        // Bases other than 0, 1 and -1 overflow after 63 turns at most.
        long turns = Math.abs(base) > 1 ? exponent : Math.min(exponent, 2 - exponent % 2);
        for (long i = 0; i < turns; i++) {
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

    /** CPython's float_divmod: the quotient is that of the part which the divisor divides. */
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

    static Value negate(Value value) {
        if (value instanceof Real real) {
            return new Real(-real.value());
        }
        return numbers("-", Int.ZERO, number("unary -", value));
    }

    static Value plus(Value value) {
        return value instanceof Real ? value : new Int(Operators.integer(number("unary +", value)));
    }

    private static Value number(String operator, Value value) {
        if (!Operators.isNumber(value)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new Failure("bad operand type for " + operator + ": '" + value.typeName() + "'");
        }
        return value;
    }
}
