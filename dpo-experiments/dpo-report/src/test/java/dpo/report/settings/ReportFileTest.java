package dpo.report.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.ConfigException;
import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import dpo.report.results.SummaryOptions;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.report.results.TableStyle;
import dpo.statistics.IntervalKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportFileTest {

    @TempDir
    private Path sweep;

    /** Rewards: ipo 1 ± small, hinge 2 ± large, sigmoid 3 ± small, each less by β. */
    @BeforeEach
    void writeSweep() {
        List<String> types = List.of("ipo", "hinge", "sigmoid");
        for (String type : types) {
            for (double beta : new double[] {0.1, 1}) {
                for (int seed = 1; seed <= 3; seed++) {
                    Map<String, Object> settings = new LinkedHashMap<>();
                    settings.put("objective.preference.type", type);
                    settings.put("objective.preference.beta", beta);
                    settings.put("seed", seed);
                    double spread = type.equals("hinge") ? 1 : 0.01;
                    double reward = 1 + types.indexOf(type) - beta + spread * (seed - 2);
                    RunFolderWriter.run(sweep, type + beta + "-" + seed)
                            .settings(settings)
                            .result(Map.of("world/reward", reward, "world/kl", beta * seed, "eval/loss", 1.0))
                            .write();
                }
            }
        }
    }

    private Table overview(String yaml) throws IOException {
        return tables(yaml).overview();
    }

    private ReportTables tables(String yaml) throws IOException {
        Path file = Files.writeString(sweep.resolve("report.yaml"), yaml);
        try (Results results = Results.open(sweep)) {
            ReportSettings settings = ReportFile.read(ReportFile.of(sweep, Optional.empty()), results);
            assertThat(ReportFile.of(sweep, Optional.empty())).contains(file);
            return new ReportTables(Rows.of(results, settings), settings);
        }
    }

    @Test
    void without_settings_the_table_is_that_of_the_results() throws IOException {
        try (Results results = Results.open(sweep)) {
            ReportSettings settings = ReportFile.read(Optional.empty(), results);
            Table table = new ReportTables(Rows.of(results, settings), settings).overview();

            assertThat(TableFormat.TABLE.render(table)).isEqualTo(TableFormat.TABLE.render(results.overview()));
        }
    }

    @Test
    void metrics_columns_names_and_rows_are_as_given() throws IOException {
        Table table = overview("""
                metrics: [world/reward]
                settings: [beta, type]
                labels: {world/reward: true reward, type: objective, beta: β}
                value_labels: {type: {sigmoid: DPO}}
                rows: {only: {type: [sigmoid, ipo], beta: [1.0, 0.1]}}
                """);

        assertThat(table.columns())
                .containsExactly("β", "objective", "n", "true reward", "true reward ci95 low", "true reward ci95 high");
        assertThat(table.rows())
                .extracting(row -> row.get(1) + " " + row.get(0))
                .containsExactly("DPO 1.0", "DPO 0.1", "ipo 1.0", "ipo 0.1");
    }

    @Test
    void rows_are_sorted_by_a_mean() throws IOException {
        Table table = overview("rows: {sort_by: world/reward, descending: true}\nmetrics: [world/reward]\n");

        assertThat(table.rows())
                .extracting(row -> row.get(0) + " " + row.get(1))
                .first()
                .isEqualTo("sigmoid 0.1");
        assertThat(table.rows()).extracting(row -> (Double) row.get(3)).isSortedAccordingTo(Comparator.reverseOrder());
    }

    @Test
    void a_column_that_is_left_out_although_rows_differ_in_it_is_named() throws IOException {
        assertThat(overview("settings: [type]").caption()).contains("Rows differ also in objective.preference.beta.");
    }

    @Test
    void bold_are_the_best_mean_and_every_mean_whose_interval_contains_it() throws IOException {
        Table table = overview("metrics: [world/reward]\nhighlight: {world/reward: highest}\n");

        assertThat(table.style().bold())
                .extracting(TableStyle.Cell::row)
                .allSatisfy(row -> assertThat(table.rows().get(row).get(0)).isIn("hinge", "sigmoid"));
        assertThat(table.style().bold()).hasSize(3);
        assertThat(table.caption())
                .contains("Bold: the best mean (highest world/reward), and each mean whose interval");
        assertThat(TableFormat.LATEX.render(table)).contains("\\bfseries 2.900 +- 0.025");
        assertThat(TableFormat.HTML.render(table)).contains("<strong>2.900 ± 0.025</strong>");
    }

    @Test
    void the_comparison_has_the_names_and_names_its_baseline() throws IOException {
        try (Results results = Results.open(sweep)) {
            Path file = Files.writeString(sweep.resolve("own.yaml"), """
                    metrics: [world/reward]
                    labels: {world/reward: true reward}
                    baseline: {type: sigmoid}
                    correction: none
                    table: {label: tab:own}
                    """);
            ReportSettings settings = ReportFile.read(Optional.of(file), results);
            Table table = new ReportTables(Rows.of(results, settings), settings)
                    .comparison()
                    .orElseThrow();

            assertThat(table.rows()).hasSize(4).allSatisfy(row -> assertThat(row.get(0))
                    .isEqualTo("true reward"));
            assertThat(table.caption()).contains("Baseline: objective.preference.type = sigmoid");
            assertThat(table.style().label()).isEqualTo("tab:own-comparison");
        }
    }

    @Test
    void all_unknown_names_are_reported_at_once_with_place_and_suggestion() {
        assertThatThrownBy(() -> overview("""
                        metrics: [world/rewards]
                        settings: [objective.preference.bta]
                        labels: {world/kI: KL}
                        value_labels: {type: {sigmoids: DPO}}
                        rows: {only: {type: [dpo]}, sort_by: loss}
                        baseline: {type: sigmoids}
                        figures: {x: type, axes: {world/klx: {limits: [0, 1]}}}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "metrics[0] must be a name in the results, got world/rewards, did you mean world/reward?")
                .hasMessageContaining("did you mean objective.preference.beta?")
                .hasMessageContaining(
                        "labels.world/kI must be a name in the results, got world/kI, did you mean world/kl?")
                .hasMessageContaining("sigmoids, did you mean sigmoid?")
                .hasMessageContaining("rows.only.type must be a value of objective.preference.type, got dpo")
                .hasMessageContaining(
                        "baseline.type must be a value of objective.preference.type, got sigmoids, did you"
                                + " mean sigmoid?")
                .hasMessageContaining("rows.sort_by must be a name in the results, got loss")
                .hasMessageContaining("figures.x must be a name in the results, got type")
                .hasMessageContaining("figures.axes.world/klx")
                .hasMessageContaining("report.yaml:1");
    }

    @Test
    void intervals_over_pairs_and_interquartile_means_are_those_of_the_results() throws IOException {
        String beta = "objective.preference.beta";
        SummaryOptions pairs = new SummaryOptions(IntervalKind.CI95, List.of(), true, false);
        SummaryOptions iqm = new SummaryOptions(IntervalKind.CI95, List.of(beta), false, true);
        try (Results results = Results.open(sweep)) {
            List<String> shown = results.mainMetrics();

            assertThat(TableFormat.HTML.render(overview("pairs: true")))
                    .isEqualTo(TableFormat.HTML.render(results.overview(pairs, shown)));
            assertThat(TableFormat.HTML.render(overview("worlds: [beta]\niqm: true")))
                    .isEqualTo(TableFormat.HTML.render(results.overview(iqm, shown)));
        }
        Table named = overview("""
                worlds: [beta]
                iqm: true
                labels: {world/reward: true reward}
                highlight: {world/reward: highest}
                """);
        assertThat(named.columns()).contains("true reward iqm", "true reward iqm ci95 low");
        assertThat(named.style().bold()).contains(new TableStyle.Cell(2, "true reward iqm"));
        assertThatThrownBy(() -> overview("worlds: [beta]\npairs: true"))
                .hasMessageContaining("pairs must come with interval ci95 and without worlds");
        assertThatThrownBy(() -> overview("iqm: true"))
                .hasMessageContaining("iqm must come with worlds and interval ci95");
    }

    @Test
    void a_file_that_is_empty_or_missing_is_an_error() throws IOException {
        assertThatThrownBy(() -> overview("# later\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("report.yaml")
                .hasMessageContaining("must be a mapping of keys, got an empty file");
        Files.delete(sweep.resolve("report.yaml"));
        Files.createSymbolicLink(sweep.resolve("report.yaml"), sweep.resolve("moved.yaml"));
        try (Results results = Results.open(sweep)) {
            for (Optional<Path> given : List.of(Optional.<Path>empty(), Optional.of(sweep.resolve("none.yaml")))) {
                assertThatThrownBy(() -> ReportFile.read(ReportFile.of(sweep, given), results))
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining("config must exist, found no such file");
            }
        }
    }

    @Test
    void all_invalid_values_are_reported_at_once_with_the_unknown_names() {
        assertThatThrownBy(() -> overview("""
                        metric: [world/reward]
                        metrics: [world/rewards]
                        settings: [1, type]
                        baseline: {type: dpo}
                        interval: ci90
                        highlight: {world/reward: best, world/klx: lowest}
                        table: {label: "a}b", digits: 9}
                        figures: {font_size: 0, width: 3, formats: [gif], axes: {world/kl: {scale: logarithmic, limits: [0, 1]}}}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("metric is not a key here, did you mean metrics?")
                .hasMessageContaining("interval must be one of ci95, sd, sem, range")
                .hasMessageContaining("metrics[0] must be a name in the results, got world/rewards")
                .hasMessageContaining("settings[0] must be text")
                .hasMessageContaining("baseline.type must be a value of objective.preference.type, got dpo")
                .hasMessageContaining("highlight.world/klx must be a name in the results")
                .hasMessageContaining("highlight.world/reward must be one of highest, lowest")
                .hasMessageContaining("table.label must be letters")
                .hasMessageContaining("table.digits must be from 1 to 6, got 9")
                .hasMessageContaining("figures.font_size must be from 4 to 40 points")
                .hasMessageContaining("figures.width must be from 40 to 1000 mm")
                .hasMessageContaining("figures.formats[0] must be one of svg, png, pdf")
                .hasMessageContaining("limits must be positive on a logarithmic scale");
    }
}
