package dpo.torch.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.InvalidInputException;
import dpo.core.backend.EstimateError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

class MemoryCalibrationTest {

    @TempDir
    Path folder;

    @Test
    void every_constant_has_a_meaning_and_every_peak_a_date_and_a_machine() {
        MemoryCalibration calibration = MemoryCalibration.of(Map.of());
        MemoryConstants constants = calibration.constants();
        assertThat(List.of(constants.runtime(), constants.fragmentedLayers(), constants.fragmentedShare()))
                .allSatisfy(constant -> assertThat(constant.meaning()).isNotBlank());
        assertThat(calibration.measurements().values()).allSatisfy(measurement -> {
            assertThat(measurement.date()).startsWith("2026-");
            assertThat(measurement.machine()).contains("cores", "memory");
            assertThat(measurement.environment()).containsKey("MALLOC_ARENA_MAX");
        });
        assertThat(calibration.heldOut()).doesNotContainAnyElementsOf(calibration.fitted());
    }

    @Test
    void the_error_is_the_range_over_the_held_out_peaks() throws IOException {
        MemoryCalibration builtIn = MemoryCalibration.builtIn();
        MeasuredPeak first = builtIn.heldOut().get(0);
        long estimate = builtIn.estimate(first);
        String twice = MemoryCalibration.line(first.with(estimate / 2, "other"));
        String half = MemoryCalibration.line(first.with(2 * estimate, "other"));
        MemoryCalibration read = read(builtInText()
                .replace("\"measurements\": {", "\"measurements\": {\"other\": " + MEASUREMENT + ",")
                .replaceAll("(?s)\"held_out\": \\[.*]", "\"held_out\": [" + twice + ", " + half + "]"));
        EstimateError error = read.ofDevice("cuda").error().orElseThrow();
        assertThat(error.lowest()).isCloseTo(-0.5, within(1e-8));
        assertThat(error.highest()).isCloseTo(1, within(1e-8));
        assertThat(error.measurements()).isEqualTo(2);
        assertThat(read.ofDevice("cpu").error()).isEmpty();
    }

    private static final String MEASUREMENT = """
            {"date": "2026-12-01", "device": "cuda", "machine": "other", "java": "21", "libtorch": "2.10.0", "threads": 1,
             "environment": {}, "method": "by hand"}""";

    @Test
    void another_file_gives_the_constants() throws IOException {
        String other = builtInText().replace("340000000", "440000000");
        MemoryCalibration builtIn = MemoryCalibration.builtIn();
        MeasuredPeak peak = builtIn.fitted().get(0);
        assertThat(read(other).estimate(peak)).isEqualTo(builtIn.estimate(peak) + 100_000_000);
    }

    @Test
    void a_bad_file_is_refused_with_its_name_the_problem_and_the_line() throws IOException {
        String text = builtInText();
        Map.of(
                        text.replace("\"unit\": \"layers\"", "\"unit\": \"bytes\""),
                        "fragmented_layers must have the unit layers, got bytes",
                        text.replace("340000000", "-1"),
                        "value must be at least 0 and finite, got -1.0",
                        text.replace("\"fragmented_limit\"", "\"fragmented\""),
                        "fragmented",
                        text.replaceFirst("\"model\": \"small\"", "\"model\": \"none\""),
                        "model must be a name in models, got none",
                        text.replaceFirst("\"heads\": 9", "\"heads\": 0"),
                        "heads must be at least 1, got 0",
                        text.replaceFirst("\"threads\": 2,", ""),
                        "threads",
                        "{",
                        "end-of-input")
                .forEach((bad, problem) -> assertThatThrownBy(() -> read(bad))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageMatching("(?s)DPO_MEMORY_CALIBRATION must name a calibration of the memory estimate,"
                                + " got .*other.json: .* \\(line \\d+\\)")
                        .hasMessageContaining(problem));
        assertThatThrownBy(() -> read("null"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("got null");
        assertThatThrownBy(() -> MemoryCalibration.of(Map.of(
                        MemoryCalibration.VARIABLE, folder.resolve("absent").toString())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void the_line_printed_for_a_peak_is_a_valid_row_of_the_file() {
        MeasuredPeak peak = MemoryCalibration.builtIn().fitted().get(8);
        String line = MemoryCalibration.line(peak);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(builtInText()).get("fitted").get(8)).isEqualTo(json.readTree(line));
    }

    private MemoryCalibration read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("other.json"), text);
        return MemoryCalibration.of(Map.of(MemoryCalibration.VARIABLE, file.toString()));
    }

    private static String builtInText() {
        try (InputStream resource = MemoryCalibration.class.getResourceAsStream("calibration.json")) {
            return new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
