package dpo.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dpo.harness.store.Sha256;
import dpo.report.results.RunFolderWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The interactive section in a real browser; skipped where Chromium is not installed. */
class ExplorerIT {

    private static final int SHIFT = 8;
    private static final String HOSTILE =
            "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=1>";
    private static final String ROWS = "#explorer-table tbody tr td:nth-child(2)";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private static Path folder;

    private static Path report;
    private static Browser browser;

    @BeforeAll
    static void writes_a_report_and_starts_the_browser() throws Exception {
        assumeTrue(Browser.program().isPresent(), "Chromium must be on the PATH");
        Path sweep = folder.resolve("sweep");
        Path data = folder.resolve("pairs.jsonl");
        Files.writeString(
                data,
                JSON.writeValueAsString(Map.of("prompt", "Say " + HOSTILE, "chosen", "yes", "rejected", "no")) + "\n"
                        + JSON.writeValueAsString(Map.of("prompt", "Again", "chosen", "well", "rejected", "ill"))
                        + "\n");
        for (int i = 0; i < 4; i++) {
            Path run = RunFolderWriter.run(sweep, "run-" + i + (i == 3 ? "<img src=x onerror=window.hacked=1>" : ""))
                    .settings(ordered("beta", 0.1 * (i + 1), "seed", 1, "note", i == 2 ? HOSTILE : "plain"))
                    .result(ordered("eval/loss", 0.7 - 0.1 * i, "eval/rewards/margins", 1.0 * i * i))
                    .with("provenance", Map.of("evaluation", Map.of("sha256", Sha256.of(Files.readAllBytes(data)))))
                    .line("pairs", pair("row-1", i - 1.5))
                    .line("pairs", pair("row-2", 2))
                    .write();
            Files.writeString(run.resolve("config.yaml"), """
                    name: by-hand
                    backend: tabular
                    model: {}
                    optimizer: {learning_rate: 0.1}
                    data:
                      train: {format: world, pairs: 4}
                      evaluation: {format: standard, path: %s}
                    """.formatted(data));
        }
        Files.writeString(sweep.resolve("report.yaml"), """
                labels: {note: "kind <b>", eval/loss: "loss <b>"}
                value_labels: {note: {plain: "plain <b>"}, beta: {"0.1": smallest}}
                """);
        report = Report.write(sweep);
        browser = new Browser(Browser.program().orElseThrow(), folder.resolve("profile"));
    }

    /** A map of names and values in their order. */
    private static Map<String, Object> ordered(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    private static Map<String, Object> pair(String id, double margin) {
        return ordered(
                "step",
                8,
                "pair",
                id,
                "policy",
                ordered("chosen", margin - 4, "rejected", -4.0),
                "reference",
                ordered("chosen", -4.0, "rejected", -4.0));
    }

    @AfterAll
    static void stops_the_browser() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        browser.open(report, "");
    }

    @Test
    void no_text_of_a_run_becomes_markup_and_nothing_is_loaded() throws Exception {
        assertThat(browser.texts(ROWS)).hasSize(4).anyMatch(id -> id.contains("<img src=x"));
        assertThat(browser.texts("#explorer-table td")).contains(HOSTILE);
        assertThat(browser.evaluate("typeof window.hacked").asString()).isEqualTo("undefined");
        assertThat(browser.evaluate("document.querySelectorAll('img').length").asInt())
                .isZero();
        assertThat(browser.evaluate("performance.getEntriesByType('resource').length")
                        .asInt())
                .isZero();
    }

    @Test
    void a_click_on_a_column_sorts_and_a_filter_selects() throws Exception {
        browser.click("#explorer-table th:nth-child(7) button", 0);
        assertThat(browser.texts("#explorer-table th:nth-child(7) button")).containsExactly("loss <b>");
        assertThat(browser.texts(ROWS).get(0)).startsWith("run-3");
        browser.click("#explorer-table th:nth-child(7) button", 0);
        assertThat(browser.texts(ROWS).get(0)).isEqualTo("run-0");

        browser.type("[data-filter='beta']", ">0.15 <0.35");
        assertThat(browser.texts(ROWS)).containsExactly("run-1", "run-2");
        assertThat(browser.texts("#explorer-count").get(0)).startsWith("2 of 4 runs");
    }

    @Test
    void the_names_of_the_report_are_shown_while_values_keep_their_order_and_their_place() throws Exception {
        assertThat(browser.texts("#explorer-table tbody td:nth-child(4)")).startsWith("smallest", "0.2");
        assertThat(browser.texts("[data-axis='y'] option")).contains("loss <b>");
        assertThat(browser.texts("[data-axis='color'] option")).contains("kind <b>");
        assertThat(browser.texts("#explorer-plot circle")).hasSize(4);

        browser.type("[data-filter='note']", "PLAIN");
        assertThat(browser.texts(ROWS)).hasSize(3);
        browser.type("[data-filter='beta']", "small");
        assertThat(browser.texts(ROWS)).containsExactly("run-0");
    }

    @Test
    void an_address_with_names_that_the_page_does_not_have_shows_the_page() throws Exception {
        browser.open(report, "sort=constructor&x=toString&color=__proto__&filter.__proto__=1&filter.valueOf=2&a=none");

        assertThat(browser.texts(ROWS)).hasSize(4);
        assertThat(browser.texts("#explorer-plot circle")).hasSize(4);
    }

    @Test
    void the_pointer_on_a_point_shows_its_run_and_its_pairs() throws Exception {
        double[] at = browser.centre("#explorer-plot circle[data-run='run-1']");
        browser.mouse("mouseMoved", at[0], at[1], 0);

        assertThat(browser.evaluate("document.getElementById('explorer-tip').hidden")
                        .asBoolean())
                .isFalse();
        assertThat(browser.texts("#explorer-tip").get(0))
                .startsWith("run-1")
                .contains("1 of 2 pairs with Δ > 0; lowest Δ: pair row-1 (-0.5)");
    }

    @Test
    void a_drawn_rectangle_selects_the_runs_within_it_in_the_table_too() throws Exception {
        browser.evaluate("document.getElementById('explorer-plot').scrollIntoView({block: 'center'})");
        double[] first = position("run-0");
        double[] second = position("run-1");
        double left = Math.min(first[0], second[0]) - 12;
        double right = Math.max(first[0], second[0]) + 12;
        double top = Math.min(first[1], second[1]) - 12;
        double bottom = Math.max(first[1], second[1]) + 12;
        browser.mouse("mousePressed", left, top, 0);
        browser.mouse("mouseReleased", right, bottom, 0);

        assertThat(browser.texts(ROWS)).containsExactly("run-0", "run-1");
        assertThat(browser.texts("#explorer-count").get(0)).contains("within the selected area");
    }

    private static double[] position(String run) throws Exception {
        var box = browser.evaluate("(() => { const b = document.querySelector(\"#explorer-plot circle[data-run='" + run
                + "']\").getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()");
        return new double[] {box.get(0).asDouble(), box.get(1).asDouble()};
    }

    @Test
    void two_points_are_compared_pair_by_pair_with_their_texts() throws Exception {
        browser.click("#explorer-plot circle[data-run='run-0']", 0);
        browser.click("#explorer-plot circle[data-run='run-2']", SHIFT);

        assertThat(browser.texts("#explorer-comparison code")).containsExactly("run-0", "run-2");
        assertThat(browser.texts("#explorer-comparison h3").get(0))
                .isEqualTo("held-out pairs: 2 of 2 pairs; Δ becomes positive in 1, is positive no longer in 0");
        assertThat(browser.texts("#explorer-comparison .pairs tr:nth-child(2) td.number"))
                .containsExactly("-1.5", "0.5", "2");
        assertThat(browser.texts("#explorer-comparison div > .muted")).containsExactly("");
        assertThat(browser.texts("#explorer-comparison .pairs tr:nth-child(2) pre"))
                .containsExactly("Say " + HOSTILE, "yes", "no");
        assertThat(browser.evaluate("typeof window.hacked").asString()).isEqualTo("undefined");
    }

    @Test
    void the_address_holds_the_view() throws Exception {
        browser.type("[data-filter='run']", "run-2");
        browser.click("[data-pick='a']", 0);
        String fragment = browser.evaluate("location.hash.slice(1)").asString();

        browser.open(report, fragment);

        assertThat(browser.texts(ROWS)).isEqualTo(List.of("run-2"));
        assertThat(browser.evaluate("document.querySelector(\"[data-filter='run']\").value")
                        .asString())
                .isEqualTo("run-2");
        assertThat(browser.texts("#explorer-table .picked")).containsExactly("A");
    }
}
