package dpo.report.results;

import static dpo.report.results.RunFolderWriter.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Levels of settings keep their types, their digits and their order in tables. */
final class LevelsOfSettingsTest {

    @TempDir
    private Path sweep;

    @Test
    void settings_keep_their_types_and_swept_mappings_are_flattened() {
        run(sweep, "a")
                .settings(Map.of(
                        "objective.preference",
                        Map.of("type", "ipo", "beta", 1),
                        "flag",
                        true,
                        "mixed",
                        1,
                        "list",
                        List.of(1, 2)))
                .write();
        run(sweep, "b")
                .settings(Map.of(
                        "objective.preference", Map.of("type", "sigmoid", "beta", 0.5), "flag", false, "mixed", "x"))
                .write();

        assertThat(query("SELECT \"objective.preference.type\", \"objective.preference.beta\", flag, mixed, list"
                                + " FROM runs ORDER BY id")
                        .rows())
                .containsExactly(
                        List.of("ipo", 1.0, true, "1", "[1,2]"), Arrays.asList("sigmoid", 0.5, false, "x", null));
    }

    @Test
    void different_levels_print_differently_in_every_format_in_the_order_of_levels() {
        List<Object> levels = Arrays.asList(
                "null",
                null,
                "1",
                1,
                10,
                9.5,
                "true",
                true,
                List.of(1, 2),
                "[1,2]",
                "",
                Map.of(),
                1e-7,
                "sum",
                ".inf",
                -2);
        for (int i = 0; i < levels.size(); i++) {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("x", levels.get(i));
            run(sweep, "r" + i)
                    .settings(settings)
                    .result(Map.of("eval/loss", 0.5))
                    .write();
        }
        List<String> texts = List.of(
                "null",
                "-2",
                "1e-7",
                "1",
                "9.5",
                "10",
                ".inf",
                "\"\"",
                "\"1\"",
                "\"[1,2]\"",
                "\"null\"",
                "\"true\"",
                "[1,2]",
                "sum",
                "true",
                "{}");
        try (Results results = Results.open(sweep)) {
            assertThat(results.runs())
                    .extracting(run -> run.level("x").orElseThrow().text())
                    .isEqualTo(texts);
            assertThat(results.overview().rows()).extracting(row -> row.get(0)).isEqualTo(texts);
        }
    }

    @Test
    void near_numbers_of_a_setting_keep_all_their_digits_in_tables() {
        for (double rate : new double[] {0.001, 0.00100001, 0.00100002}) {
            run(sweep, "r" + rate)
                    .settings(Map.of("optimizer.learning_rate", rate))
                    .result(Map.of("eval/loss", 0.123456))
                    .write();
        }
        try (Results results = Results.open(sweep)) {
            assertThat(TableFormat.MARKDOWN.render(results.overview()))
                    .contains("| 0.001 | completed | 0.1235 |", "| 0.00100001 | completed", "| 0.00100002 | completed");
        }
    }

    private Table query(String sql) {
        try (Results results = Results.open(sweep)) {
            return results.query(sql);
        }
    }
}
