package dpo.report.results;

import static dpo.report.results.RunFolderWriter.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsTest {

    private static final String BETA = "objective.preference.beta";

    @TempDir
    private Path sweep;

    @Test
    void the_summary_has_mean_interval_and_sample_deviation_over_the_seeds_of_each_setting() {
        completed("a", 0.1, 1, 0.50);
        completed("b", 0.1, 2, 0.60);
        completed("c", 0.1, 3, 0.70);
        completed("d", 0.5, 1, 0.90);

        Table summary = query("SELECT * FROM summary");

        assertThat(summary.columns())
                .containsExactly(
                        BETA,
                        "n",
                        "failed",
                        "eval/loss mean",
                        "eval/loss mean ci95 low",
                        "eval/loss mean ci95 high",
                        "eval/loss sd");
        assertThat(summary.rows()).hasSize(2);
        assertThat(summary.rows().get(0).subList(0, 3)).containsExactly(0.1, 3L, 0L);
        assertThat((Double) summary.rows().get(0).get(3)).isCloseTo(0.6, within(1e-15));
        double half = 4.302652729749464 * 0.1 / Math.sqrt(3);
        assertThat((Double) summary.rows().get(0).get(4)).isCloseTo(0.6 - half, within(1e-12));
        assertThat((Double) summary.rows().get(0).get(5)).isCloseTo(0.6 + half, within(1e-12));
        assertThat((Double) summary.rows().get(0).get(6)).isCloseTo(0.1, within(1e-15));
        assertThat(summary.rows().get(1)).isEqualTo(Arrays.asList(0.5, 1L, 0L, 0.9, null, null, null));
    }

    @Test
    void only_completed_runs_enter_the_means_and_failed_ones_are_counted() {
        completed("a", 0.1, 1, 0.50);
        cell("b", 0.1, 2)
                .with("status", "failed")
                .with("error", "loss must be finite, got NaN")
                .result(Map.of("eval/loss", 99.0))
                .write();
        cell("c", 0.1, 3)
                .with("status", "running")
                .result(Map.of("eval/loss", 77.0))
                .write();
        cell("d", 0.2, 1)
                .with("status", "failed")
                .with("error", "out of memory")
                .write();

        assertThat(query("SELECT * FROM summary").rows())
                .containsExactly(
                        Arrays.asList(0.1, 1L, 1L, 0.5, null, null, null),
                        Arrays.asList(0.2, 0L, 1L, null, null, null, null));
        assertThat(query("SELECT id FROM runs WHERE error LIKE '%NaN%'").rows()).containsExactly(List.of("b"));
    }

    @Test
    void a_seed_whose_metric_is_not_finite_is_not_averaged_away() {
        completed("a", 0.1, 1, 0.50);
        Map<String, Double> notFinite = new LinkedHashMap<>();
        notFinite.put("eval/loss", null);
        cell("b", 0.1, 2).result(notFinite).write();

        assertThat(query("SELECT n, \"eval/loss mean\" FROM summary").rows()).containsExactly(Arrays.asList(2L, null));
        assertThat(query("SELECT \"eval/loss\" FROM runs ORDER BY id").rows())
                .containsExactly(List.of(0.5), Arrays.asList((Object) null));
    }

    @Test
    void an_incomplete_last_line_is_ignored_and_all_others_are_read() {
        cell("a", 0.1, 1)
                .line("metrics", Map.of("step", 1, "loss", 0.5))
                .line("metrics", Map.of("step", 2, "loss", 1, "rewards/margins", 3))
                .line("metrics", "{\"step\":3,\"lo")
                .write();
        cell("b", 0.2, 1).line("metrics", "{\"st").write();
        cell("c", 0.3, 1).line("metrics", "").write();
        cell("d", 0.4, 1).line("metrics", Map.of("step", 1, "loss", 0.25)).write();

        assertThat(query("SELECT run, step, loss, \"rewards/margins\" FROM metrics ORDER BY run, step")
                        .rows())
                .containsExactly(
                        Arrays.asList("a", 1L, 0.5, null),
                        Arrays.asList("a", 2L, 1.0, 3L),
                        Arrays.asList("d", 1L, 0.25, null));
    }

    @Test
    void if_every_line_is_incomplete_the_view_is_empty() {
        cell("a", 0.1, 1).line("metrics", "{\"st").write();

        for (String view : List.of("metrics", "evaluations", "pairs", "frontier")) {
            assertThat(query("SELECT run FROM " + view).rows()).isEmpty();
        }
    }

    @Test
    void a_metric_whose_type_changes_late_keeps_its_values() {
        RunFolderWriter run = cell("a", 0.1, 1);
        for (int step = 1; step <= 30_000; step++) {
            run.line("metrics", "{\"step\":" + step + ",\"loss\":" + (step < 30_000 ? "1" : "0.5") + ",\"kl\":null}\n");
        }
        run.line("metrics", "{\"step\":30001,\"loss\":2,\"kl\":0.25}\n").write();

        assertThat(query("SELECT count(loss), min(loss), max(loss), max(kl) FROM metrics")
                        .rows())
                .containsExactly(List.of(30_001L, 0.5, 2.0, 0.25));
    }

    @Test
    void a_metric_that_is_never_finite_is_a_column_of_nulls() {
        cell("a", 0.1, 1).line("metrics", "{\"step\":1,\"loss\":null}\n").write();

        assertThat(query("SELECT step, loss, loss + 1 FROM metrics").rows())
                .containsExactly(Arrays.asList(1L, null, null));
    }

    @Test
    void nested_values_of_pairs_are_reached_by_dots() {
        cell("a", 0.1, 1)
                .line(
                        "pairs",
                        "{\"step\":9,\"pair\":0,\"group\":null,\"policy\":{\"chosen\":-1.5,\"rejected\":-2},"
                                + "\"reference\":{\"chosen\":-2,\"rejected\":null},\"tokens\":{\"chosen\":3,\"rejected\":4}}\n")
                .write();

        assertThat(query("SELECT pair, policy.chosen - reference.chosen, tokens.rejected FROM pairs")
                        .rows())
                .containsExactly(List.of(0L, 0.5, 4L));
    }

    @Test
    void odd_folder_names_and_ids_are_read_unchanged() throws IOException {
        Path odd = Files.createDirectories(sweep.resolve("a[1] *'x'?"));
        run(odd, "r'1\"&<b>")
                .settings(Map.of("seed", 1))
                .line("metrics", Map.of("step", 7))
                .write();

        try (Results results = Results.open(odd)) {
            assertThat(results.query("SELECT id, step FROM runs JOIN metrics ON runs.id = metrics.run")
                            .rows())
                    .containsExactly(List.of("r'1\"&<b>", 7L));
        }
    }

    @Test
    void the_folder_of_a_single_run_is_accepted_too() {
        Path folder = completed("only", 0.1, 1, 0.5);

        try (Results results = Results.open(folder)) {
            assertThat(results.overview())
                    .isEqualTo(new Table(
                            List.of(BETA, "seed", "status", "eval/loss"),
                            List.of(List.of(0.1, 1L, "completed", 0.5)),
                            Set.of(BETA, "seed"),
                            ""));
        }
    }

    @Test
    void a_folder_without_runs_is_refused() {
        assertThatThrownBy(() -> Results.open(sweep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("folder must be")
                .hasMessageContaining(sweep.toString());
    }

    @Test
    void a_damaged_run_json_does_not_hide_the_other_runs() throws IOException {
        completed("a", 0.1, 1, 0.5);
        Files.writeString(completed("b", 0.2, 1, 0.6).resolve("run.json"), "{\"id\":\"b\",");
        Files.createDirectories(sweep.resolve("runs/not-yet"));

        assertThat(query("SELECT id, status FROM runs ORDER BY id").rows())
                .containsExactly(List.of("a", "completed"), List.of("b", "damaged"));
    }

    @Test
    void the_overview_summarises_over_several_seeds_and_lists_the_runs_otherwise() {
        completed("a", 0.5, 1, 0.50);
        completed("b", 0.1, 1, 0.60);

        try (Results results = Results.open(sweep)) {
            assertThat(results.overview().columns()).containsExactly(BETA, "seed", "status", "eval/loss");
            assertThat(results.overview().rows().get(0)).startsWith(0.1);
        }
        completed("c", 0.5, 2, 0.70);
        try (Results results = Results.open(sweep)) {
            assertThat(results.overview().columns())
                    .containsExactly(
                            BETA, "n", "eval/loss mean", "eval/loss mean ci95 low", "eval/loss mean ci95 high");
            assertThat(results.overview().rows().get(0)).isEqualTo(Arrays.asList(0.1, 1L, 0.6, null, null));
        }
        cell("d", 0.5, 3).with("status", "failed").write();
        try (Results results = Results.open(sweep)) {
            assertThat(results.overview().columns()).startsWith(BETA, "n", "failed");
        }
    }

    @Test
    void an_error_in_the_sql_is_reported_with_its_location() {
        completed("a", 0.1, 1, 0.5);

        assertThatThrownBy(() -> query("SELECT \"eval/los\" FROM runs"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sql must be")
                .hasMessageContaining("eval/los")
                .hasMessageContaining("eval/loss")
                .hasMessageContaining("^");
        assertThatThrownBy(() -> query("SELEC 1")).isInstanceOf(IllegalArgumentException.class);
    }

    private Path completed(String id, double beta, int seed, double loss) {
        return cell(id, beta, seed).result(Map.of("eval/loss", loss)).write();
    }

    private RunFolderWriter cell(String id, double beta, int seed) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put(BETA, beta);
        settings.put("seed", seed);
        return run(sweep, id).settings(settings);
    }

    private Table query(String sql) {
        try (Results results = Results.open(sweep)) {
            return results.query(sql);
        }
    }
}
