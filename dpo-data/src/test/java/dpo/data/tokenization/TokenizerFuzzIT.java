package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.Text;
import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import dpo.data.template.TemplateException;
import dpo.data.tokenization.modelfolder.ModelFolder;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Mutated files of a tokenizer yield tokens, or an error that names the file or the row. */
class TokenizerFuzzIT {

    private static final Path TINY = TestData.resource("tiny");
    private static final Text PROMPT = new Text.Plain("the moon  is\n");
    private static final Text ANSWER = new Text.Plain("The wáter 👍 cycle's 42 <x>|");

    @TempDir
    Path folder;

    /** Whole tokenizers of all kinds: models, normalizers, pre-tokenizers, post-processors and decoders. */
    private static List<byte[]> tokenizers() {
        List<byte[]> corpus = new ArrayList<>();
        for (JsonNode tokenizer : ModelFolders.JSON.readTree(
                TestData.resource("tokens/pipelines.json").toFile())) {
            corpus.add(bytes(tokenizer.toString()));
        }
        return corpus;
    }

    @Test
    void a_mutated_tokenizer_yields_tokens_or_an_error_with_its_file_or_row() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
        new Campaign(1, tokenizers()).run(60, Mutator::any, mutant -> {
            Files.write(folder.resolve("tokenizer.json"), mutant);
            assertFailsClearly(() -> {
                TokenizationSettings settings =
                        TokenizationSettings.standard().withSpecialTokensInText(SpecialTokensInText.ALLOW);
                try (ExampleTokenizer tokenizer = ExampleTokenizer.open(folder, settings)) {
                    int[] ids = tokenizer.prompt(PROMPT, "row-1");
                    tokenizer.preferences(Examples.preference(PROMPT, ANSWER, new Text.Plain("no")));
                    assertThat(tokenizer.prompt(PROMPT, "row-1")).containsExactly(ids);
                    tokenizer.tokenizer().decode(ids);
                }
            });
        });
    }

    @Test
    void a_mutated_file_of_a_tokenizer_folder_yields_a_description_or_an_error_with_its_file() throws IOException {
        Files.copy(TINY.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        JsonNode cases = ModelFolders.JSON.readTree(
                TestData.resource("tokens/transformers.json").toFile());
        for (String name : List.of(
                "tokenizer_config.json",
                "special_tokens_map.json",
                "added_tokens.json",
                "generation_config.json",
                "config.json")) {
            List<byte[]> corpus = new ArrayList<>(List.of(
                    bytes("{\"eos_token_id\": [0, 2], \"vocab_size\": 512}"),
                    bytes("{\"chat_template\": [{\"name\": \"default\", \"template\": \"{{ messages }}\"}]}")));
            cases.forEach(each -> each.get("files").properties().stream()
                    .filter(file -> file.getKey().equals(name))
                    .forEach(file -> corpus.add(bytes(file.getValue().toString()))));
            new Campaign(2, corpus).run(200, Mutator::any, mutant -> {
                Files.write(folder.resolve(name), mutant);
                assertFailsClearly(() -> {
                    ModelFolder model = new ModelFolder(folder);
                    model.endIds();
                    model.embeddingRows();
                    model.template(Optional.empty(), Optional.empty());
                });
            });
            Files.delete(folder.resolve(name));
        }
    }

    private void assertFailsClearly(Runnable work) {
        try {
            work.run();
        } catch (DataException | TemplateException e) {
            assertThat(e.getMessage()).containsAnyOf(folder.toString(), "row-1");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
