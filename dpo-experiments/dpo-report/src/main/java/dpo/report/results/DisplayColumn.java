package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.harness.store.Json;
import dpo.statistics.IntervalKind;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A formatted column.
 *
 * @param name the header
 * @param numeric whether it holds numbers, which are right-aligned
 * @param cells the texts, one line each; {@link #NONE} for a missing value
 * @param bold indices of the rows that are in bold
 */
record DisplayColumn(String name, boolean numeric, List<String> cells, Set<Integer> bold) {

    /** The text of a missing value. */
    static final String NONE = "–";

    private static final int DIGITS = 4;
    private static final int SPREAD_DIGITS = 2;

    private DisplayColumn(String name, boolean numeric, List<String> cells) {
        this(name, numeric, cells, Set.of());
    }

    /** This column with some rows in bold. */
    DisplayColumn bold(Set<Integer> rows) {
        return new DisplayColumn(name, numeric, cells, rows);
    }

    /** Numbers: unchanged if all have at most four significant digits, otherwise all rounded to four. */
    static DisplayColumn of(String name, List<@Nullable Object> values) {
        return of(name, values, values.stream().allMatch(value -> digits(value) <= DIGITS));
    }

    /** Numbers with all digits, so that different values have different texts. */
    static DisplayColumn exact(String name, List<@Nullable Object> values) {
        return of(name, values, true);
    }

    private static DisplayColumn of(String name, List<@Nullable Object> values, boolean exact) {
        boolean numeric = values.stream().allMatch(value -> value == null || value instanceof Number)
                && values.stream().anyMatch(Objects::nonNull);
        List<String> cells = new ArrayList<>();
        for (Object value : values) {
            cells.add(
                    value == null
                            ? NONE
                            : value instanceof Number number
                                    ? number(number, exact)
                                    : value.toString().replaceAll("\\s+", " "));
        }
        return new DisplayColumn(name, numeric, cells);
    }

    /** Means with their standard deviations: the deviation to two digits, the mean to the same decimal. */
    static DisplayColumn ofMeans(String name, List<@Nullable Object> means, List<@Nullable Object> deviations) {
        return combined(
                name,
                means,
                i -> deviations.get(i) instanceof Number sd
                        ? Optional.of(
                                meanAndDeviation((Number) Objects.requireNonNull(means.get(i)), sd, SPREAD_DIGITS))
                        : Optional.empty());
    }

    /**
     * Estimates with their intervals: {@code x ± h} if all are symmetric, otherwise {@code x [low, high]}, each end to
     * the same decimal as the half-width, or as the shorter side of an interval that is wider than its estimate.
     *
     * @param digits significant digits of the half-width
     * @param columns estimates, lower ends, upper ends
     */
    static DisplayColumn ofIntervals(String name, IntervalKind kind, int digits, List<List<@Nullable Object>> columns) {
        List<@Nullable Object> estimates = columns.get(0);
        List<@Nullable Object> lows = columns.get(1);
        List<@Nullable Object> highs = columns.get(2);
        boolean symmetric = true;
        for (int i = 0; i < estimates.size(); i++) {
            if (estimates.get(i) instanceof Double x
                    && lows.get(i) instanceof Double low
                    && highs.get(i) instanceof Double high) {
                symmetric &= Math.abs((high - x) - (x - low)) <= 1e-9 * Math.max(high - low, Math.abs(x));
            }
        }
        boolean asPlusMinus = symmetric && kind != IntervalKind.RANGE;
        String spread = kind.shortName();
        return combined(
                name + (asPlusMinus ? " ± " + spread : " [" + spread + "]"),
                estimates,
                i -> lows.get(i) instanceof Double low && highs.get(i) instanceof Double high
                        ? Optional.of(
                                asPlusMinus
                                        ? meanAndDeviation(
                                                (Number) Objects.requireNonNull(estimates.get(i)),
                                                (high - low) / 2,
                                                digits)
                                        : ends((Double) Objects.requireNonNull(estimates.get(i)), low, high, digits))
                        : Optional.empty());
    }

    private static DisplayColumn combined(
            String name, List<@Nullable Object> estimates, IntFunction<Optional<String>> withSpread) {
        List<String> plain = of(name, estimates).cells();
        return new DisplayColumn(
                name,
                true,
                IntStream.range(0, plain.size())
                        .mapToObj(i -> estimates.get(i) == null
                                ? NONE
                                : withSpread.apply(i).orElse(plain.get(i)))
                        .toList());
    }

    private static String ends(double estimate, double low, double high, int spreadDigits) {
        double half = (high - low) / 2;
        if (!Double.isFinite(half) || half == 0) {
            return number(estimate, false) + " [" + number(low, false) + ", " + number(high, false) + "]";
        }
        // An interval on the log scale may be so wide that, to the decimal of its half-width, the estimate would be 0.
        double spread = half < Math.abs(estimate) ? half : Math.min(estimate - low, high - estimate);
        int decimals = BigDecimal.valueOf(spread > 0 ? spread : half)
                .round(new MathContext(spreadDigits))
                .scale();
        if (decimals > 7) {
            return Stream.of(estimate, low, high)
                    .map(value -> number(value, false))
                    .collect(bracketed());
        }
        return Stream.of(estimate, low, high)
                .map(value -> fixed(BigDecimal.valueOf(value), decimals))
                .collect(bracketed());
    }

    private static Collector<String, ?, String> bracketed() {
        return Collectors.collectingAndThen(
                Collectors.toList(), texts -> texts.get(0) + " [" + texts.get(1) + ", " + texts.get(2) + "]");
    }

    private static String meanAndDeviation(Number mean, Number deviation, int digits) {
        double sd = deviation.doubleValue();
        if (!Double.isFinite(sd) || !Double.isFinite(mean.doubleValue()) || sd == 0) {
            return number(mean, false) + " ± " + number(deviation, true);
        }
        BigDecimal spread = BigDecimal.valueOf(sd).round(new MathContext(digits));
        int decimals = spread.scale();
        BigDecimal centre = BigDecimal.valueOf(mean.doubleValue());
        if (decimals > 7) {
            return scientific(centre.round(new MathContext(DIGITS))) + " ± " + scientific(spread);
        }
        return fixed(centre, decimals) + " ± " + fixed(spread, decimals);
    }

    private static String fixed(BigDecimal value, int decimals) {
        return value.setScale(Math.max(decimals, 0), RoundingMode.HALF_EVEN).toPlainString();
    }

    private static int digits(@Nullable Object value) {
        return value instanceof Double number && Double.isFinite(number)
                ? new BigDecimal(Json.number(number)).stripTrailingZeros().precision()
                : 0;
    }

    private static String number(Number number, boolean exact) {
        double value = number.doubleValue();
        if (number instanceof Long || number instanceof Integer || !Double.isFinite(value)) {
            return number.toString();
        }
        if (exact) {
            return SettingValue.of(value).text();
        }
        BigDecimal decimal = new BigDecimal(Json.number(value)).stripTrailingZeros();
        BigDecimal rounded = decimal.round(new MathContext(DIGITS));
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e9)) {
            return scientific(rounded);
        }
        int before = rounded.precision() - rounded.scale();
        return size == 0 ? decimal.toPlainString() : fixed(decimal, DIGITS - before);
    }

    private static String scientific(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        String digits = stripped.unscaledValue().abs().toString();
        int exponent = stripped.precision() - stripped.scale() - 1;
        return (value.signum() < 0 ? "-" : "") + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e" + exponent;
    }
}
