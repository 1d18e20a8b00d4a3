package dpo.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Equal to scipy and statsmodels on fixed tables; golden.py wrote golden.json. */
class GoldenNumbersTest {

    private static JsonNode golden = JsonMapper.shared().createObjectNode();

    @BeforeAll
    static void read() throws IOException {
        try (InputStream file = GoldenNumbersTest.class.getResourceAsStream("golden.json")) {
            golden = JsonMapper.shared().readTree(file);
        }
    }

    @Test
    void intervals_of_a_mean_equal_scipys() {
        for (JsonNode expected : golden.path("mean")) {
            double[] x = numbers(expected.path("x"));
            requireInterval(IntervalKind.CI95.of(x), expected);
            double mean = number(expected, "mean");
            assertThat(IntervalKind.SD.of(x).high() - mean).isCloseTo(number(expected, "sd"), within(1e-12));
            assertThat(IntervalKind.SEM.of(x).high() - mean).isCloseTo(number(expected, "sem"), within(1e-12));
        }
    }

    @Test
    void paired_differences_equal_scipys() {
        for (JsonNode expected : golden.path("paired")) {
            requireTest(Difference.paired(numbers(expected.path("a")), numbers(expected.path("b"))), expected);
        }
    }

    @Test
    void welchs_differences_equal_scipys() {
        for (JsonNode expected : golden.path("welch")) {
            requireTest(Difference.welch(numbers(expected.path("a")), numbers(expected.path("b"))), expected);
        }
    }

    @Test
    void corrections_equal_statsmodels() {
        JsonNode expected = golden.path("correction");
        double[] p = numbers(expected.path("p"));
        assertThat(Correction.HOLM.adjust(p)).containsExactly(numbers(expected.path("holm")), within(1e-12));
        assertThat(Correction.BENJAMINI_HOCHBERG.adjust(p))
                .containsExactly(numbers(expected.path("benjamini_hochberg")), within(1e-12));
        assertThat(Correction.NONE.adjust(p)).containsExactly(p);
    }

    @Test
    void dunnetts_test_equals_scipys_to_the_precision_of_its_random_integration() {
        for (JsonNode expected : golden.path("dunnett")) {
            Dunnett dunnett = Dunnett.independent(numbers(expected.path("baseline")), rows(expected.path("settings")));
            for (int i = 0; i < dunnett.differences().size(); i++) {
                Difference difference = dunnett.differences().get(i);
                assertThat(difference.p()).isCloseTo(expected.path("p").get(i).asDouble(), within(1e-4));
                assertThat(difference.interval().low())
                        .isCloseTo(expected.path("low").get(i).asDouble(), within(5e-3));
                assertThat(difference.interval().high())
                        .isCloseTo(expected.path("high").get(i).asDouble(), within(5e-3));
            }
        }
    }

    @Test
    void dunnetts_critical_values_equal_his_table() {
        // Dunnett 1964, two-sided, 5 %, for 1 to 5 settings of as many values as the baseline.
        Map<Integer, double[]> table = Map.of(
                5, new double[] {2.57, 3.03, 3.29, 3.48, 3.62},
                10, new double[] {2.23, 2.57, 2.76, 2.89, 2.99},
                20, new double[] {2.09, 2.38, 2.54, 2.65, 2.73});
        table.forEach((df, criticals) -> {
            for (int k = 1; k <= criticals.length; k++) {
                double[] lambdas = new double[k];
                Arrays.fill(lambdas, Math.sqrt(0.5));
                assertThat(new LargestOfSeveralT(lambdas, df).critical(0.05))
                        .isCloseTo(criticals[k - 1], within(0.0051));
            }
        });
    }

    @Test
    void wilsons_intervals_equal_statsmodels() {
        for (JsonNode expected : golden.path("wilson")) {
            Interval wilson = Proportions.wilson(
                    expected.path("k").asInt(), expected.path("n").asInt());
            assertThat(wilson.low()).isCloseTo(number(expected, "low"), within(1e-12));
            assertThat(wilson.high()).isCloseTo(number(expected, "high"), within(1e-12));
        }
    }

    @Test
    void exact_mcnemar_equals_statsmodels() {
        for (JsonNode expected : golden.path("mcnemar")) {
            assertThat(Proportions.mcNemar(
                            expected.path("b").asInt(), expected.path("c").asInt()))
                    .isCloseTo(number(expected, "p"), within(1e-12));
        }
    }

    @Test
    void clustered_means_equal_statsmodels_cluster_robust_regression() {
        JsonNode expected = golden.path("clustered");
        Difference mean = Clustered.mean(numbers(expected.path("values")), integers(expected.path("clusters")));
        assertThat(mean.standardError()).isCloseTo(number(expected, "se"), within(1e-12));
        assertThat(mean.p()).isCloseTo(number(expected, "p"), within(1e-9));
        requireInterval(mean.interval(), expected);
    }

    @Test
    void clusters_of_one_value_give_the_t_interval_of_the_mean() {
        double[] values = numbers(golden.path("clustered").path("values"));
        Interval clustered = Clustered.mean(
                        values, IntStream.range(0, values.length).boxed().toList())
                .interval();
        Interval alone = IntervalKind.CI95.of(values);
        assertThat(clustered.low()).isCloseTo(alone.low(), within(1e-12));
        assertThat(clustered.high()).isCloseTo(alone.high(), within(1e-12));
    }

    @Test
    void seeds_and_items_equal_the_two_way_analysis_of_variance() {
        JsonNode expected = golden.path("two_way");
        double[][] y = rows(expected.path("y"));
        Difference mean =
                SeedsAndItems.mean(y, IntStream.range(0, y[0].length).boxed().toList());
        assertThat(mean.interval().estimate()).isCloseTo(number(expected, "mean"), within(1e-12));
        assertThat(mean.standardError()).isCloseTo(number(expected, "se"), within(1e-12));
    }

    @Test
    void worlds_as_a_random_effect_equal_the_analysis_of_variance() {
        JsonNode expected = golden.path("worlds");
        RandomEffect effect = RandomEffect.of(rows(expected.path("y")));
        requireInterval(effect.mean(), expected);
        assertThat(effect.worldVariance()).isCloseTo(number(expected, "world"), within(1e-12));
        assertThat(effect.seedVariance()).isCloseTo(number(expected, "seed"), within(1e-12));
    }

    @Test
    void the_interquartile_mean_equals_scipys_trimmed_mean() {
        JsonNode expected = golden.path("iqm");
        double[][] y = rows(expected.path("y"));
        assertThat(InterquartileMean.of(y)).isCloseTo(number(expected, "iqm"), within(1e-12));
        Interval bootstrap = InterquartileMean.bootstrap(y, 500, 7);
        assertThat(bootstrap.contains(bootstrap.estimate())).isTrue();
        assertThat(bootstrap).isEqualTo(InterquartileMean.bootstrap(y, 500, 7));
    }

    @Test
    void detectable_differences_equal_scipys() {
        for (JsonNode expected : golden.path("detectable")) {
            assertThat(DetectableDifference.paired(
                            number(expected, "sd"), expected.path("n").asInt()))
                    .isCloseTo(number(expected, "d"), within(1e-9));
        }
    }

    private static void requireTest(Difference difference, JsonNode expected) {
        assertThat(difference.p()).isCloseTo(number(expected, "p"), within(1e-9));
        assertThat(difference.df()).isCloseTo(number(expected, "df"), within(1e-9));
        assertThat(difference.interval().low())
                .isCloseTo(expected.path("interval").get(0).asDouble(), within(1e-9));
        assertThat(difference.interval().high())
                .isCloseTo(expected.path("interval").get(1).asDouble(), within(1e-9));
    }

    private static void requireInterval(Interval interval, JsonNode expected) {
        assertThat(interval.estimate()).isCloseTo(number(expected, "mean"), within(1e-12));
        assertThat(interval.low()).isCloseTo(number(expected, "low"), within(1e-9));
        assertThat(interval.high()).isCloseTo(number(expected, "high"), within(1e-9));
    }

    private static double number(JsonNode node, String name) {
        return node.path(name).asDouble();
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    private static double[][] rows(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToObj(i -> numbers(array.get(i)))
                .toArray(double[][]::new);
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> integers = new ArrayList<>();
        array.forEach(value -> integers.add(value.asInt()));
        return integers;
    }
}
