package dpo.data.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Python's {@code float}. */
record Real(double value) implements Value, Comparable<Real> {
    @Override
    public String typeName() {
        return "float";
    }

    /** The shortest decimal that reads back as this float; with an exponent below 1e-4 and from 1e16 on. */
    @Override
    public void repr(TextBuilder out) {
        // The search for the shortest decimal takes tens of roundings.
        out.meter().steps(100);
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
        return String.format(Locale.ROOT, "%s%c%se%s%02d", sign, digits.charAt(0), fraction,
                exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /** Double.toString of JDK 17 is not always the shortest, so the shortest precision is searched. */
    private BigDecimal shortest() {
        BigDecimal exact = new BigDecimal(value);
        for (int precision = 1; precision < 17; precision++) {
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
                BigDecimal rounded = exact.round(new MathContext(precision, mode));
                if (rounded.doubleValue() == value) {
                    return rounded.stripTrailingZeros();
                }
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    @Override
    public boolean truth() {
        return value != 0;
    }

    /** An order for hash tables alone, which need one to stay fast where many numbers have one hash code. */
    @Override
    public int compareTo(Real other) {
        return Double.compare(value, other.value);
    }
}
