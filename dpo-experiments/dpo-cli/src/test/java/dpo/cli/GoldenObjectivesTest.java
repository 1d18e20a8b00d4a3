package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.PreferenceLoss;
import dpo.harness.store.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code dpo objective --trl … --gradient} compared with TRL 1.16.0 on the same log-probabilities, for every
 * configuration.
 */
class GoldenObjectivesTest {

    private static final Map<String, Object> GOLDEN = golden();
    private static final List<String> SIDES = List.of("chosen", "rejected");

    @TempDir
    static Path folder;

    @BeforeAll
    static void store() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int j = 0; j < rows("policy", "chosen").size(); j++) {
            Map<String, Object> line = new LinkedHashMap<>();
            for (String key : List.of("policy", "reference", "log_sum_squared_probs")) {
                line.put(
                        key,
                        Map.of(
                                "chosen",
                                rows(key, "chosen").get(j),
                                "rejected",
                                rows(key, "rejected").get(j)));
            }
            lines.add(Json.line(line));
        }
        Files.write(folder.resolve("log-probs.jsonl"), lines);
    }

    @Test
    void all_54_configurations_are_among_the_cases() {
        assertThat(cases()).hasSize(54);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void loss_and_every_token_gradient_equal_those_of_trl(String config, Map<String, Object> golden) {
        Ended ended = Ended.of(
                "objective",
                "--trl",
                config,
                "--gradient",
                "--log-probs",
                folder.resolve("log-probs.jsonl").toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        Map<String, Object> output = Json.read(ended.out());
        double relative = golden.get("dtype").equals("torch.float64") ? 1e-9 : 1e-5;
        assertClose((Double) output.get("loss"), ((Number) golden.get("loss")).doubleValue(), relative);
        List<?> gradient = (List<?>) output.get("gradient");
        for (int j = 0; j < gradient.size(); j++) {
            for (String side : SIDES) {
                List<?> ours = (List<?>) ((Map<?, ?>) gradient.get(j)).get(side);
                List<?> theirs = (List<?>) ((List<?>) golden.get("grad_" + side)).get(j);
                assertThat(ours).hasSameSizeAs(theirs);
                for (int i = 0; i < ours.size(); i++) {
                    assertClose(((Number) ours.get(i)).doubleValue(), ((Number) theirs.get(i)).doubleValue(), relative);
                }
            }
        }
    }

    private static void assertClose(double actual, double expected, double relative) {
        assertThat(actual).isCloseTo(expected, within(relative * Math.abs(expected)));
    }

    static Stream<Arguments> cases() {
        return ((List<?>) GOLDEN.get("cases")).stream().map(golden -> {
            Map<?, ?> entry = (Map<?, ?>) golden;
            @SuppressWarnings("unchecked") // objects of JSON have names as keys
            Map<String, Object> config = (Map<String, Object>) entry.get("config");
            return Arguments.of(Json.line(config), entry);
        });
    }

    private static List<?> rows(String key, String side) {
        return (List<?>) ((Map<?, ?>) GOLDEN.get(key)).get(side);
    }

    private static Map<String, Object> golden() {
        try (InputStream in = PreferenceLoss.class.getResourceAsStream("golden-losses.json")) {
            return Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
