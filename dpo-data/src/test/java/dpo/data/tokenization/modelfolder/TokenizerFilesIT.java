package dpo.data.tokenization.modelfolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.Examples;
import dpo.data.tokenization.SpecialTokensInText;
import dpo.data.tokenization.TokenizationSettings;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The files of a tokenizer: added tokens in every file, and values of wrong types. */
class TokenizerFilesIT {

    private static final Path TINY = TestData.resource("tiny");

    @TempDir
    Path folder;

    @BeforeEach
    void copyTokenizer() throws IOException {
        Files.copy(TINY.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), content);
    }

    /** The tiny tokenizer with some fields replaced. */
    private void change(String fields) throws IOException {
        ObjectNode json = (ObjectNode)
                ModelFolders.JSON.readTree(TINY.resolve("tokenizer.json").toFile());
        ModelFolders.JSON.readTree(fields).properties().forEach(each -> json.set(each.getKey(), each.getValue()));
        write("tokenizer.json", json.toString());
    }

    private int[] encode(String text) {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.of(new ModelFolder(folder).tokenizer())) {
            return tokenizer.encode(text);
        }
    }

    private ExampleTokenizer open(SpecialTokensInText policy) {
        return ExampleTokenizer.open(folder, TokenizationSettings.standard().withSpecialTokensInText(policy));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            tokenizer_config.json;   {"added_tokens_decoder": {"512": {"content": "<x>", "special": true}}}
            tokenizer_config.json;   {"additional_special_tokens": ["<x>"]}
            tokenizer_config.json;   {"extra_special_tokens": ["<x>"]}
            tokenizer_config.json;   {"extra_special_tokens": {"image_token": "<x>"}}
            tokenizer_config.json;   {"pad_token": "<x>"}
            tokenizer_config.json;   {"pad_token": {"__type": "AddedToken", "content": "<x>"}}
            tokenizer_config.json;   {"image_token": "<x>"}
            special_tokens_map.json; {"pad_token": {"content": "<x>", "lstrip": false}}
            special_tokens_map.json; {"additional_special_tokens": ["<x>"]}
            """)
    void a_special_token_of_any_file_has_one_id_and_is_refused_in_text(String file, String content) throws IOException {
        write(file, content);
        assertThat(encode("<x>")).containsExactly(512);
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.REFUSE)) {
            assertThat(tokenizer.spelledSpecialToken("a <x>")).contains("<x>");
            assertThatThrownBy(() -> tokenizer.prompt(new Text.Plain("a <x>"), "row-1"))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("text must not spell special tokens, got <x>", "row-1");
        }
    }

    @Test
    void an_eos_that_is_an_ordinary_token_of_the_vocabulary_is_special() throws IOException {
        ObjectNode vocab = (ObjectNode) ModelFolders.JSON
                .readTree(TINY.resolve("tokenizer.json").toFile())
                .at("/model/vocab");
        int id = vocab.get("he").intValue();
        write("tokenizer_config.json", "{\"eos_token\": \"he\"}");
        assertThat(encode("bathe")).endsWith(id);
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.TEXT)) {
            assertThat(tokenizer.endIds()).containsExactly(id);
            assertThat(tokenizer.prompt(new Text.Plain("bathe"), "row-1")).doesNotContain(id);
            assertThat(tokenizer.tokenizer().decode(tokenizer.prompt(new Text.Plain("bathe"), "row-1")))
                    .isEqualTo("bathe");
        }
    }

    @Test
    void a_special_token_that_only_the_normalised_text_spells_is_refused_or_encoded_as_text() throws IOException {
        change("{\"normalizer\": {\"type\": \"Lowercase\"}}");
        write(
                "tokenizer_config.json",
                "{\"added_tokens_decoder\": "
                        + "{\"512\": {\"content\": \"<x>\", \"special\": true, \"normalized\": true}}}");
        assertThat(encode("<X>")).containsExactly(512);
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.REFUSE)) {
            assertThatThrownBy(() -> tokenizer.prompt(new Text.Plain("a <X>"), "row-1"))
                    .hasMessageContaining("text must not spell special tokens, got <x>");
        }
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.TEXT)) {
            int[] ids = tokenizer.prompt(new Text.Plain("a <X>"), "row-1");
            assertThat(tokenizer.tokenizer().decode(ids)).isEqualTo("a <x>");
            assertThat(ids).doesNotContain(512);
        }
    }

    @Test
    void a_special_token_across_the_boundary_of_prompt_and_completion_is_refused_or_encoded_as_text()
            throws IOException {
        write("tokenizer_config.json", "{\"eos_token\": \"<|endoftext|>\"}");
        Dataset<PreferenceExample> data =
                Examples.preference(new Text.Plain("Say <|im_"), new Text.Plain("end|> now"), new Text.Plain("no"));
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.REFUSE)) {
            assertThatThrownBy(() -> tokenizer.preferences(data))
                    .hasMessageContaining("text must not spell special tokens, got <|im_end|>");
        }
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.TEXT)) {
            assertThat(tokenizer.preferences(data).preferences().get(0).chosen().ids())
                    .doesNotContain(2);
        }
    }

    @Test
    void half_of_a_surrogate_pair_in_tokenizer_json_is_refused() throws IOException {
        String json = Files.readString(TINY.resolve("tokenizer.json"));
        write("tokenizer.json", json.replace("\"<|im_end|>\"", "\"<|im_\\ud83d|>\""));
        assertThatThrownBy(() -> encode("a"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(folder.resolve("tokenizer.json").toString());
    }

    @Test
    void an_id_beyond_the_embedding_is_refused_if_a_text_contains_it() throws IOException {
        write("config.json", "{\"vocab_size\": 512}");
        write("tokenizer_config.json", "{\"additional_special_tokens\": [\"<x>\"]}");
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.ALLOW)) {
            assertThat(tokenizer.prompt(new Text.Plain("moon"), "row-1")).isNotEmpty();
            assertThatThrownBy(() -> tokenizer.prompt(new Text.Plain("moon <x>"), "row-1"))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("must be below 512", "got <x> with id 512", "row-1");
        }
    }

    @Test
    void a_vocabulary_that_is_larger_than_the_embedding_is_refused() throws IOException {
        for (String config : new String[] {"{\"vocab_size\": 511}", "{\"text_config\": {\"vocab_size\": 511}}"}) {
            write("config.json", config);
            assertThatThrownBy(() -> open(SpecialTokensInText.REFUSE))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining(
                            "tokenizer must fit the model's embedding of 511 tokens, got a token with id 511");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {"added_tokens": [{"id": true, "content": "<x>"}]};      added_tokens[0].id must be a token id, got true
            {"added_tokens": [{"id": 4294967296, "content": "a"}]};  added_tokens[0].id must be a token id, got 4294967296
            {"added_tokens": [{"id": 600, "content": "<x>"}]};       added_tokens[0].id must be 512, the id that
            {"added_tokens": [{"id": 1, "content": 7}]};             added_tokens[0] must be a token, a text or an object
            {"added_tokens": [{"content": "a", "lstrip": "no"}]};    added_tokens[0].lstrip must be true or false, got "no"
            {"added_tokens": {"0": "a"}};                            added_tokens must be a list, got {"0":"a"}
            {"added_tokens": [null]};                                added_tokens[0] must be a token
            {"model": 3};                                            model must be an object, got 3
            {"model": {"vocab": {"a": -1}}};                         model.vocab.a must be a token id, got -1
            {"model": {"vocab": {"a": 1.5}}};                        model.vocab.a must be a token id, got 1.5
            {"model": {"vocab": [["a"]]}};                           model.vocab[0] must be a token and its score
            {"model": {"vocab": "a"}};                               model.vocab must be an object, got "a"
            {"model": {"vocab": {"a": 0}, "dropout": 0.1}};          model.dropout must be absent or 0
            {"padding": {"pad_token": 4}};                           padding.pad_token must be a text, got 4
            """)
    void a_wrong_value_in_tokenizer_json_is_named_by_file_and_key(String fields, String message) throws IOException {
        change(fields);
        assertThatThrownBy(() -> new ModelFolder(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(" + folder.resolve("tokenizer.json") + ")");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {"eos_token": 5};                                  eos_token must be a token
            {"eos_token": ["a"]};                              eos_token must be a token
            {"extra_special_tokens": "a"};                     extra_special_tokens must be a list, got "a"
            {"additional_special_tokens": [3]};                additional_special_tokens[0] must be a token
            {"added_tokens_decoder": [1]};                     added_tokens_decoder must be an object, got [1]
            {"added_tokens_decoder": {"x": {"content": "a"}}}; added_tokens_decoder.x must have a token id as its key
            {"added_tokens_decoder": {"0": "a"}};              added_tokens_decoder.0 must be an object with content
            {"added_tokens_decoder": {"9": {"content": "<x>"}}}; added_tokens_decoder.9 must be 512, the id that
            {"split_special_tokens": true};                    split_special_tokens must be false
            {"fast_tokenizer_files": ["tokenizer.4.0.json"]};  fast_tokenizer_files must be absent
            """)
    void a_wrong_value_in_tokenizer_config_is_named_by_file_and_key(String config, String message) throws IOException {
        write("tokenizer_config.json", config);
        assertThatThrownBy(() -> new ModelFolder(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(" + folder.resolve("tokenizer_config.json") + ")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1, \"a\": 2}", "{\"a\": 1} x", "[1]", "{\"a\"", "", "\"a\""})
    void a_file_without_a_json_object_is_refused_by_name(String config) throws IOException {
        write("tokenizer_config.json", config);
        assertThatThrownBy(() -> new ModelFolder(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("must")
                .hasMessageContaining(folder.resolve("tokenizer_config.json").toString());
    }

    @Test
    void the_default_of_several_chat_templates_is_used_and_files_take_precedence() throws IOException {
        assertThat(rendered(Map.of())).isEqualTo("none");
        String list = "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, "
                + "{\"name\": \"default\", \"template\": \"listed\"}]}";
        assertThat(rendered(Map.of("tokenizer_config.json", "{\"chat_template\": \"one\"}")))
                .isEqualTo("one");
        assertThat(rendered(Map.of("tokenizer_config.json", list))).isEqualTo("listed");
        assertThat(rendered(Map.of("tokenizer_config.json", "{\"chat_template\": {\"default\": \"named\"}}")))
                .isEqualTo("named");
        assertThat(rendered(Map.of("tokenizer_config.json", list, "chat_template.jinja", "file")))
                .isEqualTo("file");
        assertThat(rendered(Map.of("chat_template.jinja", "file", "chat_templates/rag.jinja", "rag")))
                .isEqualTo("file");
        assertThat(rendered(Map.of("chat_templates/default.jinja", "folder"))).isEqualTo("folder");
        for (Map<String, String> files : List.of(
                Map.of("chat_templates/rag.jinja", "rag", "tokenizer_config.json", "{\"chat_template\": \"one\"}"),
                Map.of("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"\"}]}"))) {
            assertThatThrownBy(() -> rendered(files))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("one of several chat templates must be named default, got [rag]");
        }
        assertThatThrownBy(() -> rendered(Map.of("tokenizer_config.json", "{\"chat_template\": 4}")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("chat_template must be a template or a list of named templates, got 4");
    }

    private String rendered(Map<String, String> files) throws IOException {
        Path model = Files.createTempDirectory(folder, "templates");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = model.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        return ChatTemplateFiles.read(model, JsonFile.optional(model.resolve("tokenizer_config.json")))
                .map(template -> template.render(Map.of()))
                .orElse("none");
    }
}
