package dpo.lab;

import dpo.core.setting.Requirement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A measured quantity, one number or a list of numbers, and what theory predicts for it.
 *
 * @param name name in snake_case
 * @param meaning formula or description, with unit
 * @param measured the measured numbers
 * @param isList whether it is a list, even if of one number
 * @param low smallest predicted value of each number; −∞ without prediction
 * @param high largest predicted value of each number; +∞ without prediction
 * @param expected the predicted values, of the length of {@code measured}; empty if theory predicts a range or nothing
 */
public record Quantity(
        String name,
        String meaning,
        List<Double> measured,
        boolean isList,
        List<Double> low,
        List<Double> high,
        List<Double> expected) {

    public Quantity {
        measured = List.copyOf(measured);
        low = List.copyOf(low);
        high = List.copyOf(high);
        expected = List.copyOf(expected);
        Requirement.holds(
                low.size() == measured.size() && high.size() == measured.size(),
                name,
                "must have one range per number",
                low.size());
    }

    /** A quantity without a prediction. */
    public static Quantity of(String name, String meaning, double measured) {
        return ranging(name, meaning, measured, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** A list without a prediction. */
    public static Quantity of(String name, String meaning, double[] measured) {
        return list(
                name,
                meaning,
                measured,
                IntStream.range(0, measured.length)
                        .mapToDouble(i -> Double.NEGATIVE_INFINITY)
                        .toArray(),
                IntStream.range(0, measured.length)
                        .mapToDouble(i -> Double.POSITIVE_INFINITY)
                        .toArray(),
                new double[0]);
    }

    /**
     * A quantity with a predicted value.
     *
     * @param tolerance largest difference between both, relative to the predicted value if that is above 1
     */
    public static Quantity near(String name, String meaning, double measured, double expected, double tolerance) {
        double room = room(expected, tolerance);
        return new Quantity(
                name,
                meaning,
                List.of(measured),
                false,
                List.of(expected - room),
                List.of(expected + room),
                List.of(expected));
    }

    /** A list with predicted values, as {@link #near(String, String, double, double, double)}. */
    public static Quantity near(String name, String meaning, double[] measured, double[] expected, double tolerance) {
        return list(
                name,
                meaning,
                measured,
                DoubleStream.of(expected)
                        .map(each -> each - room(each, tolerance))
                        .toArray(),
                DoubleStream.of(expected)
                        .map(each -> each + room(each, tolerance))
                        .toArray(),
                expected);
    }

    /** A quantity that theory predicts to be in [low, high]; the ends may be infinite. */
    public static Quantity ranging(String name, String meaning, double measured, double low, double high) {
        return new Quantity(name, meaning, List.of(measured), false, List.of(low), List.of(high), List.of());
    }

    private static Quantity list(
            String name, String meaning, double[] measured, double[] low, double[] high, double[] expected) {
        return new Quantity(name, meaning, boxed(measured), true, boxed(low), boxed(high), boxed(expected));
    }

    private static List<Double> boxed(double[] values) {
        return DoubleStream.of(values).boxed().toList();
    }

    private static double room(double expected, double tolerance) {
        return tolerance * Math.max(1, Math.abs(expected));
    }

    /** Whether every measured number is in its predicted range; NaN is in none. */
    public boolean agrees() {
        return IntStream.range(0, measured.size())
                .allMatch(i -> measured.get(i) >= low.get(i) && measured.get(i) <= high.get(i));
    }

    /** Whether theory predicts anything for it. */
    public boolean isPredicted() {
        return low.stream().anyMatch(Double::isFinite) || high.stream().anyMatch(Double::isFinite);
    }

    /** The measured numbers as text, with as many digits as are compared at most. */
    public String measuredText() {
        return isList ? text(measured) : text(measured.get(0));
    }

    /** The prediction as text: a value, a range, or empty. */
    public String expectedText() {
        if (!expected.isEmpty()) {
            return isList ? text(expected) : text(expected.get(0));
        }
        if (!isPredicted()) {
            return "";
        }
        String least = Double.isFinite(low.get(0)) ? ">= " + text(low.get(0)) : "";
        String most = Double.isFinite(high.get(0)) ? "<= " + text(high.get(0)) : "";
        return least.isEmpty() || most.isEmpty() ? least + most : least + ", " + most;
    }

    /** A number with six digits, without zeros at the end, for statements. */
    public static String shown(double value) {
        String digits = String.format(Locale.ROOT, "%.6g", value);
        return digits.contains("e")
                ? digits
                : digits.replaceFirst("(\\.\\d*?)0+$", "$1").replaceFirst("\\.$", "");
    }

    private static String text(List<Double> values) {
        return values.stream().map(Quantity::text).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.9g", value);
    }
}
