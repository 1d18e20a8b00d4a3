package dpo.harness.config;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.hipparchus.random.SobolSequenceGenerator;

/**
 * An axis of points that are drawn in a box: independently and uniformly, or as a Sobol sequence, which covers the box
 * more evenly. The points depend only on these settings; a larger number adds points and keeps the others.
 *
 * @param random number of independent points
 * @param sobol number of points of a Sobol sequence (directions of Joe and Kuo 2008), shifted modulo 1 by a random
 *     vector (Cranley and Patterson 1976)
 * @param seed seed of the points
 * @param over the sides of the box, by the dotted path of the setting
 */
public record SearchAxis(
        @Setting(about = "number of points that are drawn independently and uniformly")
        Optional<Integer> random,

        @Setting(about = "number of points of a randomly shifted Sobol sequence")
        Optional<Integer> sobol,

        @Setting(about = "seed of the points", byDefault = "1")
        long seed,

        @Setting(about = "dotted path → range") Map<String, Range> over) {

    private static final int MOST_POINTS = 10_000;

    /** Digits of a drawn value, so that names and tables show it whole. */
    private static final MathContext DIGITS = new MathContext(4);

    /** How a value depends on a uniform number. */
    public enum RangeScale {
        /** Uniform in the value. */
        LINEAR,
        /** Uniform in the logarithm of the value. */
        LOGARITHMIC
    }

    /**
     * A side of the box.
     *
     * @param low smallest value
     * @param high largest value
     * @param scale how values are spread
     * @param whole whether values are rounded to whole numbers
     */
    public record Range(
            @Setting(about = "smallest value") double low,
            @Setting(about = "largest value, above low") double high,

            @Setting(about = "linear or logarithmic", byDefault = "linear")
            RangeScale scale,

            @Setting(about = "round to whole numbers", byDefault = "false")
            boolean whole) {

        public Range {
            Requirement.holds(
                    high > low && Double.isFinite(high - low), "high", "must be above low (" + low + ")", high, "low");
            if (scale == RangeScale.LOGARITHMIC && !(low > 0)) {
                throw new SettingException("low", "must be positive on a logarithmic scale", low, "scale");
            }
        }

        /** The value at a uniform number in [0, 1), with four digits. */
        private Object at(double uniform) {
            double value = scale == RangeScale.LINEAR
                    ? low + uniform * (high - low)
                    : low * Math.exp(uniform * Math.log(high / low));
            if (whole) {
                return Math.round(value);
            }
            double rounded = new BigDecimal(value).round(DIGITS).doubleValue();
            return Math.min(high, Math.max(low, rounded));
        }
    }

    public SearchAxis {
        if (random.isPresent() == sobol.isPresent()) {
            throw new SettingException(
                    "sobol",
                    "must be given if and only if random is absent",
                    sobol.map(n -> (Object) n).orElse("none"),
                    "random");
        }
        random.ifPresent(points -> requirePoints("random", points));
        sobol.ifPresent(points -> requirePoints("sobol", points));
        Requirement.holds(!over.isEmpty(), "over", "must name at least one setting", over);
    }

    private static void requirePoints(String name, int points) {
        Requirement.holds(points >= 1 && points <= MOST_POINTS, name, "must be in [1, " + MOST_POINTS + "]", points);
    }

    /** The points: values by dotted path. */
    List<Map<String, Object>> points() {
        RandomGenerator stream = new RandomStreams(seed).stream("search");
        int dimensions = over.size();
        List<Map<String, Object>> points = new ArrayList<>();
        if (random.isPresent()) {
            for (int i = 0; i < random.get(); i++) {
                points.add(point(stream.doubles(dimensions).toArray()));
            }
            return points;
        }
        double[] shift = stream.doubles(dimensions).toArray();
        SobolSequenceGenerator sequence = new SobolSequenceGenerator(dimensions);
        for (int i = 0; i < sobol.orElseThrow(); i++) {
            double[] vector = sequence.nextVector();
            for (int d = 0; d < dimensions; d++) {
                vector[d] = (vector[d] + shift[d]) % 1;
            }
            points.add(point(vector));
        }
        return points;
    }

    private Map<String, Object> point(double[] uniform) {
        Map<String, Object> point = new LinkedHashMap<>();
        int d = 0;
        for (Map.Entry<String, Range> side : over.entrySet()) {
            point.put(side.getKey(), side.getValue().at(uniform[d++]));
        }
        return point;
    }
}
