package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.Text;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Prompts for generation, and the tokens that end a completion. */
class PromptTest {

    private static final Path TINY = TestData.resource("tiny");
    private static final int ENDOFTEXT = 0;
    private static final int IM_END = 2;

    @TempDir
    Path scratch;

    @Test
    void messages_end_with_the_generation_prompt_and_a_string_has_no_end_token() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            int[] chat = tokenizer.prompt(Examples.ask("Hi"), "prompt 1");
            assertThat(tokenizer.tokenizer().decode(chat))
                    .endsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
            int[] plain = tokenizer.prompt(new Text.Plain("Once upon"), "prompt 2");
            assertThat(plain).isEqualTo(tokenizer.tokenizer().encode("Once upon"));
            assertThatThrownBy(() -> tokenizer.prompt(new Text.Plain("<|im_end|>"), "prompt 3"))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("text must not spell special tokens")
                    .hasMessageContaining("prompt 3");
        }
    }

    @Test
    void a_string_gets_the_tokens_before_a_text_and_not_those_after_it() {
        ObjectNode added = (ObjectNode) ModelFolders.JSON.readTree("""
                {"post_processor": {"type": "TemplateProcessing",
                  "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
                             {"Sequence": {"id": "A", "type_id": 0}},
                             {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}],
                  "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                  "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]},
                                     "<|im_end|>": {"id": "<|im_end|>", "ids": [2], "tokens": ["<|im_end|>"]}}}}
                """);
        Path folder = ModelFolders.changed(scratch, added, ModelFolders.JSON.createObjectNode(), "x");
        try (ExampleTokenizer tokenizer = open(folder)) {
            int[] prompt = tokenizer.prompt(new Text.Plain("Once"), "prompt 1");
            assertThat(tokenizer.tokenizer().decode(prompt)).isEqualTo("<|im_start|>Once");
        }
    }

    @Test
    void the_end_tokens_are_the_eos_token_and_those_in_the_model_files() throws IOException {
        assertThat(endIds(Map.of())).containsExactly(IM_END);
        assertThat(endIds(Map.of("config.json", "{\"eos_token_id\": 0}"))).containsExactlyInAnyOrder(ENDOFTEXT, IM_END);
        assertThat(endIds(Map.of("config.json", "{\"eos_token_id\": null}"))).containsExactly(IM_END);
        // generation_config.json takes precedence over config.json.
        assertThat(endIds(Map.of(
                        "config.json", "{\"eos_token_id\": 0}",
                        "generation_config.json", "{\"eos_token_id\": [7, 9]}")))
                .containsExactlyInAnyOrder(7, 9, IM_END);
        assertThatThrownBy(() -> endIds(Map.of("generation_config.json", "{\"eos_token_id\": \"</s>\"}")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("eos_token_id must be a token id or a list of them, got \"</s>\" (")
                .hasMessageContaining("generation_config.json");
    }

    private Set<Integer> endIds(Map<String, String> files) throws IOException {
        Path folder = Files.createTempDirectory(scratch, "model");
        ModelFolders.withTemplate(folder, "x");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        try (ExampleTokenizer tokenizer = open(folder)) {
            return tokenizer.endIds();
        }
    }

    private static ExampleTokenizer open(Path folder) {
        return ExampleTokenizer.open(folder, TokenizationSettings.standard());
    }
}
