package dpo.data.tokenization.modelfolder;

import dpo.data.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Model folders for tests: the tiny one of the resources, with changes. */
public final class ModelFolders {

    public static final JsonMapper JSON = JsonMapper.builder().build();

    private ModelFolders() {}

    /** The tiny tokenizer with another chat template. */
    public static Path withTemplate(Path folder, String template) {
        JsonNode none = JSON.createObjectNode();
        return changed(folder, none, none, template);
    }

    /** The tiny tokenizer with other fields and template. */
    public static Path changed(Path folder, JsonNode tokenizer, JsonNode config, String template) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("tokenizer.json"), merged("tokenizer.json", tokenizer));
            Files.writeString(folder.resolve("tokenizer_config.json"), merged("tokenizer_config.json", config));
            Files.writeString(folder.resolve("chat_template.jinja"), template);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String merged(String name, JsonNode changes) {
        ObjectNode json =
                (ObjectNode) JSON.readTree(TestData.resource("tiny/" + name).toFile());
        changes.properties().forEach(field -> json.set(field.getKey(), field.getValue()));
        return json.toString();
    }
}
