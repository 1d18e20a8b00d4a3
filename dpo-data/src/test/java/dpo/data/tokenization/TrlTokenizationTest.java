package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
import dpo.data.format.Conversational;
import dpo.data.format.Standard;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Cases with a doubtful boundary between prompt and completion, with the ids of {@code DPOTrainer._prepare_dataset} of
 * TRL 1.16.0 with transformers 5.23.0. Each has its changes to the tiny model folder, its rows and its ids.
 */
class TrlTokenizationTest {

    /** Number of examples with a warning of TRL about a boundary, by case. */
    private static final Map<String, Integer> IN_DOUBT = Map.of(
            "standard", 1,
            "standard, tokenizer that adds a token", 1,
            "standard, configuration that adds both tokens", 1,
            "standard, configuration that adds no token", 1,
            "conversational, generation prompt that the answer drops", 2,
            "conversational, answer that merges with the generation prompt", 1);

    private static final JsonNode CASES =
            ModelFolders.JSON.readTree(TestData.resource("trl-1.16.json").toFile());

    @TestFactory
    Stream<DynamicTest> ids_equal_those_of_trl(@TempDir Path folder) {
        return StreamSupport.stream(CASES.spliterator(), false)
                .map(one -> DynamicTest.dynamicTest(one.get("name").stringValue(), () -> check(one, folder)));
    }

    @Test
    void the_cases_include_every_doubtful_boundary() {
        assertThat(StreamSupport.stream(CASES.spliterator(), false)
                        .map(one -> one.get("name").stringValue()))
                .containsAll(IN_DOUBT.keySet());
    }

    private static void check(JsonNode one, Path folder) throws IOException {
        String name = one.get("name").stringValue();
        Path model = ModelFolders.changed(
                folder.resolve(Integer.toString(name.hashCode())),
                one.get("tokenizer"),
                one.get("config"),
                one.get("template").stringValue());
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model, TokenizationSettings.standard())) {
            TokenizedPreferences tokenized =
                    tokenizer.preferences(data(one.get("rows"), name.startsWith("standard"), model));
            assertThat(tokenized.preferences()).hasSize(one.get("tokens").size());
            for (int row = 0; row < tokenized.preferences().size(); row++) {
                Preference pair = tokenized.preferences().get(row);
                JsonNode ids = one.get("tokens").get(row);
                assertThat(pair.chosen()).isEqualTo(TokenSequence.of(ids(ids, "prompt_ids"), ids(ids, "chosen_ids")));
                assertThat(pair.rejected())
                        .isEqualTo(TokenSequence.of(ids(ids, "prompt_ids"), ids(ids, "rejected_ids")));
            }
            assertThat(tokenized.report().disagreements()).isEqualTo(IN_DOUBT.getOrDefault(name, 0));
            assertThat(tokenized.report().firstDisagreements()).hasSize(IN_DOUBT.getOrDefault(name, 0));
        }
    }

    private static Dataset<PreferenceExample> data(JsonNode rows, boolean standard, Path folder) throws IOException {
        String lines = StreamSupport.stream(rows.spliterator(), false)
                .map(JsonNode::toString)
                .collect(Collectors.joining("\n"));
        Path file = Files.writeString(folder.resolve("rows.jsonl"), lines);
        return standard ? new Standard(Rows.of(file)).read() : new Conversational(Rows.of(file)).read();
    }

    private static int[] ids(JsonNode row, String key) {
        return StreamSupport.stream(row.get(key).spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
