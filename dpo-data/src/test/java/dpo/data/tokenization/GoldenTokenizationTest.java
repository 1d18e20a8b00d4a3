package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
import dpo.data.format.Conversational;
import dpo.data.format.HhRlhf;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Token ids of TRL 1.16 with transformers 5.23. */
class GoldenTokenizationTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Test
    void the_48_conversations_of_the_tiny_set_have_the_ids_of_trl() {
        Dataset<PreferenceExample> data = new Conversational(Rows.of(TestData.resource("tiny/pairs.jsonl"))).read();
        JsonNode golden = JSON.readTree(TestData.resource("tiny/tokens.json").toFile());
        TokenizedPreferences tokenized = tokenize(TestData.resource("tiny"), data);
        assertThat(tokenized.preferences()).hasSize(48);
        assertThat(tokenized.report().disagreements()).isZero();
        assertEqualIds(tokenized, golden);
    }

    @Test
    void the_64_transcripts_of_the_golden_file_have_the_ids_of_trl_with_a_real_tokenizer() {
        String folder = System.getProperty("dpo.smollm2", "");
        Assumptions.assumeFalse(folder.isEmpty(), "needs the SmolLM2 checkpoint (-Ddpo.smollm2=FOLDER)");
        JsonNode golden =
                JSON.readTree(TestData.shared("golden/smollm2.json").toFile()).get("pairs");
        Dataset<PreferenceExample> data = new HhRlhf(Rows.of(TestData.shared("data/hh-harmless-test.jsonl.gz"))
                        .limitedTo(64))
                .read();
        TokenizedPreferences tokenized = tokenize(Path.of(folder), data);
        assertThat(tokenized.preferences()).hasSize(64);
        assertEqualIds(tokenized, golden);
    }

    private static TokenizedPreferences tokenize(Path model, Dataset<PreferenceExample> data) {
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model, TokenizationSettings.standard())) {
            return tokenizer.preferences(data);
        }
    }

    private static void assertEqualIds(TokenizedPreferences tokenized, JsonNode golden) {
        assertThat(golden.size()).isEqualTo(tokenized.preferences().size());
        for (int row = 0; row < golden.size(); row++) {
            Preference pair = tokenized.preferences().get(row);
            int[] prompt = ids(golden.get(row).get("prompt_ids"));
            assertThat(pair.chosen())
                    .isEqualTo(TokenSequence.of(prompt, ids(golden.get(row).get("chosen_ids"))));
            assertThat(pair.rejected())
                    .isEqualTo(TokenSequence.of(prompt, ids(golden.get(row).get("rejected_ids"))));
        }
    }

    private static int[] ids(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
