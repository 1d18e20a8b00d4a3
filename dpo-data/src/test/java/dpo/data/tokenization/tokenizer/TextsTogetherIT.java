package dpo.data.tokenization.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.TestData;
import dpo.data.tokenization.modelfolder.ModelFolders;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Texts that the library encodes together, in pieces, against the same texts one by one. */
class TextsTogetherIT {

    private static final List<String> WORDS = List.of(
            "the",
            " water",
            " cycle",
            "s ",
            "  ",
            "\n",
            "É",
            "a",
            "<",
            "1984",
            "|>",
            "日本",
            " ",
            "'s",
            " 'S",
            "\t",
            " 7",
            ".",
            " (",
            "\r",
            "\u0308",
            "\u00a0",
            "\u3000",
            "\u180e",
            "\u200b",
            "\u0085",
            "\ud83d\ude00",
            " ²",
            "/",
            " É");

    @TempDir
    Path folder;

    /** Each pipeline of normalizer, pre-tokenizer, model and post-processor, without flags of the tokens that forbid cuts. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void the_ids_of_texts_encoded_together_are_those_of_each_text_alone(int pipeline) throws IOException {
        ObjectNode json = withoutFlags(pipeline(pipeline));
        TokenizerFile file = file(json);
        assertThat(file.cuts()).isNotEmpty();
        requireEqual(file);
    }

    @Test
    void a_tokenizer_that_treats_the_beginning_of_a_text_differently_gives_the_same_ids() throws IOException {
        ObjectNode json = withoutFlags(pipeline(2));
        ((ObjectNode) json.get("pre_tokenizer")).put("prepend_scheme", "first");
        TokenizerFile file = file(json);
        assertThat(file.cuts()).isNotEmpty();
        requireEqual(file);
    }

    @Test
    void tokens_that_take_the_white_space_around_them_forbid_cuts() throws IOException {
        TokenizerFile file = file(pipeline(0));
        assertThat(file.cuts()).isEmpty();
        requireEqual(file);
    }

    @ParameterizedTest
    @MethodSource("separateWords")
    void a_tokenizer_that_encodes_words_separately_gives_the_same_ids(JsonNode like) throws IOException {
        ObjectNode json = tiny();
        json.setAll((ObjectNode) like.get("changes"));
        TokenizerFile file = file(json);
        assertThat(file.separatesWords()).isTrue();
        requireEqual(file);
    }

    static Stream<Named<JsonNode>> separateWords() {
        JsonNode all = resource("tokens/separate-words.json");
        return all.valueStream().map(like -> Named.of(like.get("like").asString(), like));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void words_are_not_separated_by_steps_that_are_not_known(int pipeline) throws IOException {
        assertThat(file(withoutFlags(pipeline(pipeline))).separatesWords()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"type\": \"Sequence\", \"pretokenizers\": []}", "null"})
    void words_are_not_separated_without_a_step_that_does(String preTokenizer) throws IOException {
        ObjectNode json = tiny();
        json.set("pre_tokenizer", ModelFolders.JSON.readTree(preTokenizer));
        assertThat(file(json).separatesWords()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            "a b" | false
            "b "  | false
            "   " | true
            "ab"  | true
            """)
    void a_token_of_words_and_a_space_forbids_to_separate_words(String token, boolean separates) throws IOException {
        ObjectNode json = tiny();
        int next = json.path("model").path("vocab").size();
        ((ArrayNode) json.get("added_tokens")).addObject().put("id", next).put("content", token);
        TokenizerFile file = file(json);
        assertThat(file.separatesWords()).isEqualTo(separates);
        requireEqual(file);
    }

    private static void requireEqual(TokenizerFile file) {
        SplittableRandom random = new SplittableRandom(3);
        List<String> parts = new ArrayList<>(WORDS);
        for (int i = 0; i < 3; i++) {
            parts.addAll(file.specialTokens().keySet());
        }
        List<String> texts = IntStream.range(0, 1000)
                .mapToObj(i -> {
                    StringBuilder text = new StringBuilder();
                    for (int k = random.nextInt(9); k > 0; k--) {
                        text.append(parts.get(random.nextInt(parts.size())));
                    }
                    return text.toString();
                })
                .toList();
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.of(file)) {
            List<int[]> together = tokenizer.encodeAll(texts).orElseThrow();
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together.get(i)).as(texts.get(i)).containsExactly(tokenizer.encode(texts.get(i)));
            }
        }
    }

    private static ObjectNode pipeline(int index) {
        return (ObjectNode) resource("tokens/pipelines.json").get(index);
    }

    private static ObjectNode tiny() {
        return (ObjectNode) resource("tiny/tokenizer.json");
    }

    private static JsonNode resource(String name) {
        return ModelFolders.JSON.readTree(TestData.resource(name).toFile());
    }

    private static ObjectNode withoutFlags(ObjectNode json) {
        json.get("added_tokens").forEach(token -> ((ObjectNode) token)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("single_word", false));
        return json;
    }

    private TokenizerFile file(ObjectNode json) throws IOException {
        Path path = folder.resolve("tokenizer.json");
        Files.writeString(path, json.toString());
        return TokenizerFile.read(path);
    }
}
