package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;

/** A copy of the golden adapter whose files a test changes. */
final class CopiedAdapter {

    private CopiedAdapter() {}

    /** Copies the golden adapter into a folder. */
    static Path copied(Path folder) throws IOException {
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(GoldenLlama.adapter().resolve(name), adapter.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        return adapter;
    }

    /** Writes other target modules into the configuration. */
    static void setTargets(Path adapter, String targets) throws IOException {
        Path config = adapter.resolve("adapter_config.json");
        String text = Files.readString(config);
        String changed = text.replaceAll(
                "(?s)\"target_modules\": (\\[.*?]|\".*?\")",
                Matcher.quoteReplacement("\"target_modules\": " + targets));
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(config, changed);
    }

    /** Replaces a text that the file must contain. */
    static void replace(Path file, String what, String by) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(what);
        Files.writeString(file, text.replace(what, by));
    }
}
