package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.tokenization.modelfolder.ModelFolder;
import dpo.data.tokenization.modelfolder.ModelFolders;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Token ids of constructed model folders, equal to those of transformers 5.24: added and named tokens with all flags, in {@code
 * tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}, with
 * five kinds of models. The folders are made by {@code tokens/transformers.py}.
 */
class TransformersTokensIT {

    /** The errors of folders that transformers loads. */
    private static final String REASON =
            "(?s).*(, the id that the tokenizers library assigns to |must have an id of its own|the only token with id).*";

    @TempDir
    Path scratch;

    @Test
    void ids_equal_those_of_transformers_or_the_folder_is_refused() throws IOException {
        assertEqual(
                ModelFolders.JSON.readTree(
                        TestData.resource("tokens/transformers.json").toFile()),
                0.8);
    }

    /** Runs if the system property {@code dpo.python} names a Python interpreter with transformers. */
    @Test
    void ids_of_new_folders_equal_those_of_transformers_or_the_folder_is_refused() throws Exception {
        String python = System.getProperty("dpo.python", "");
        assumeThat(python)
                .as("system property dpo.python: a Python interpreter with transformers")
                .isNotEmpty();
        Process process = new ProcessBuilder(
                        python,
                        TestData.resource("tokens/transformers.py").toString(),
                        System.getProperty("dpo.seed", "1"),
                        "300")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String cases = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertEqual(ModelFolders.JSON.readTree(cases), 0.7);
    }

    private void assertEqual(JsonNode cases, double least) throws IOException {
        int equal = 0;
        for (int i = 0; i < cases.size(); i++) {
            JsonNode folder = cases.get(i);
            Path path = Files.createDirectory(scratch.resolve("folder-" + i));
            for (Map.Entry<String, JsonNode> file : folder.get("files").properties()) {
                Files.writeString(path.resolve(file.getKey()), file.getValue().toString());
            }
            equal += isEqual(folder, path) ? 1 : 0;
        }
        assertThat(equal).isGreaterThanOrEqualTo((int) (least * cases.size()));
    }

    private static boolean isEqual(JsonNode folder, Path path) {
        Optional<HuggingFaceTokenizer> opened = opened(path);
        if (opened.isEmpty()) {
            return false;
        }
        try (HuggingFaceTokenizer tokenizer = opened.get()) {
            assertThat(folder.has("ids")).as("transformers loads %s", folder).isTrue();
            Map<String, Integer> special = new TreeMap<>();
            folder.get("special")
                    .properties()
                    .forEach(each -> special.put(each.getKey(), each.getValue().intValue()));
            assertThat(tokenizer.specialTokens())
                    .as("special tokens of %s", path)
                    .isEqualTo(special);
            for (int i = 0; i < folder.get("texts").size(); i++) {
                String text = folder.get("texts").get(i).stringValue();
                int[] ids = folder.get("ids")
                        .get(i)
                        .valueStream()
                        .mapToInt(JsonNode::intValue)
                        .toArray();
                assertThat(tokenizer.encode(text)).as("%s: %s", path, text).containsExactly(ids);
            }
        }
        return true;
    }

    private static Optional<HuggingFaceTokenizer> opened(Path path) {
        try {
            return Optional.of(HuggingFaceTokenizer.of(new ModelFolder(path).tokenizer()));
        } catch (DataException e) {
            assertThat(e).hasMessageContaining(path.toString()).message().matches(REASON);
            return Optional.empty();
        }
    }
}
