package dpo.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Sha256;
import dpo.report.results.RunFolderWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplorerDataTest {

    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"explorer-data\">(.*?)</script>", Pattern.DOTALL);

    @TempDir
    private Path folder;

    private Path sweep() {
        return folder.resolve("sweep");
    }

    private JsonNode data() throws Exception {
        Matcher data = DATA.matcher(Files.readString(Report.write(sweep())));
        assertThat(data.find()).isTrue();
        return JsonMapper.builder().build().readTree(data.group(1));
    }

    private static Map<String, Object> pair(String set, String id) {
        Map<String, Object> sides = Map.of("chosen", -4.0, "rejected", -5.0);
        Map<String, Object> line = new LinkedHashMap<>(Map.of("step", 8, "pair", id, "policy", sides));
        if (!set.isEmpty()) {
            line.put("set", set);
        }
        return line;
    }

    @Test
    void where_no_run_has_pairs_the_page_says_so_instead_of_what_a_margin_is() throws Exception {
        RunFolderWriter.run(sweep(), "ranked")
                .result(Map.of("eval/loss", 0.7))
                .line("pairs", Map.of("step", 8, "pair", "row-1", "policy", Map.of("completions", List.of(-4.0, -5.0))))
                .write();

        assertThat(data().path("note").asString()).startsWith("There are no pairs to compare");
    }

    @Test
    void evaluation_sets_are_in_the_order_of_the_configuration() throws Exception {
        Map<String, Object> result = new LinkedHashMap<>();
        List.of("helpful", "harmless", "a").forEach(set -> result.put("eval/" + set + "/loss", 0.7));
        RunFolderWriter.run(sweep(), "named")
                .result(result)
                .line("pairs", pair("a", "row-1"))
                .line("pairs", pair("harmless", "row-1"))
                .line("pairs", pair("helpful", "row-1"))
                .write();

        assertThat(data().path("sets").values().stream()
                        .map(set -> set.path("name").asString()))
                .containsExactly("helpful", "harmless", "a");
    }

    @Test
    void a_pair_that_only_another_run_has_does_not_take_the_texts_from_the_pairs_after_it() throws Exception {
        Path file = folder.resolve("pairs.jsonl");
        String row = "{\"prompt\": \"Say\", \"chosen\": \"yes\", \"rejected\": \"no\"}\n";
        Files.writeString(file, row + row.replace("Say", "Again"));
        run("later", file, "skip: 1", "row-2");
        run("whole", file, "skip: 0", "row-1");

        JsonNode set = data().path("sets").path(0);

        assertThat(set.path("pairs").values().stream().map(JsonNode::asString)).containsExactly("row-1", "row-2");
        assertThat(set.path("texts").path(0).isNull()).isTrue();
        assertThat(set.path("texts").path(1).path(0).asString()).isEqualTo("Again");
        assertThat(set.path("note").asString()).isEqualTo("Texts of 1 of these 2 pairs.");
    }

    private void run(String id, Path file, String part, String pair) throws Exception {
        Path run = RunFolderWriter.run(sweep(), id)
                .result(Map.of("eval/loss", 0.7))
                .with(
                        "provenance",
                        Map.of("evaluation", Map.of("part", part, "sha256", Sha256.of(Files.readAllBytes(file)))))
                .line("pairs", pair("", pair))
                .write();
        Files.writeString(run.resolve("config.yaml"), """
                name: by-hand
                backend: tabular
                model: {}
                optimizer: {learning_rate: 0.1}
                data:
                  train: {format: world, pairs: 4}
                  evaluation: {format: standard, path: %s, %s}
                """.formatted(file, part));
    }
}
