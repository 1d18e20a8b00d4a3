package dpo.data.template.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;

/**
 * Python's {@code float}.
 *
 * @param value the number
 */
public record Real(double value) implements Value, Comparable<Real> {
    /** Maximum number of steps of the search for the shortest decimal: roundings of up to 1,074 digits. */
    private static final int SHORTEST = 500;

    @Override
    public String typeName() {
        return "float";
    }

    /** The shortest decimal that parses to this float, in exponent notation below 1e-4 and from 1e16 upwards. */
    @Override
    public void repr(TextBuilder out) {
        out.meter().steps(SHORTEST);
        out.append(decimal());
    }

    private String decimal() {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest();
        String sign = value < 0 ? "-" : "";
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = shortest.abs().toPlainString();
            return sign + (plain.contains(".") ? plain : plain + ".0");
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return String.format(
                Locale.ROOT,
                "%s%c%se%s%02d",
                sign,
                digits.charAt(0),
                fraction,
                exponent < 0 ? "-" : "+",
                Math.abs(exponent));
    }

    /**
     * The decimal with the fewest digits that parses to this float; of several, the closest one. The result of
     * Double.toString parses to this float, but is not always the shortest on JDK 17. If a number of digits suffices,
     * so does any greater number.
     */
    private BigDecimal shortest() {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        for (int precision = shortest.precision(); precision > 0; precision--) {
            Optional<BigDecimal> rounded = rounded(exact, precision);
            if (rounded.isEmpty()) {
                break;
            }
            shortest = rounded.get();
        }
        return shortest.stripTrailingZeros();
    }

    private Optional<BigDecimal> rounded(BigDecimal exact, int precision) {
        for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
            BigDecimal rounded = exact.round(new MathContext(precision, mode));
            if (rounded.doubleValue() == value) {
                return Optional.of(rounded);
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean truth() {
        return value != 0;
    }

    /** An order for hash tables, which stay fast if many numbers have the same hash code. */
    @Override
    public int compareTo(Real other) {
        return Double.compare(value, other.value);
    }
}
