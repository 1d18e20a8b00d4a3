package dpo.core.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that complete a saved model besides weights and configuration: tokenizer, chat template, generation
 * defaults. They are read when the model is opened, so a saved model has the tokenizer that it was trained with, even
 * if the folder has changed since.
 *
 * @param contents bytes by file name
 */
public record CompanionFiles(Map<String, byte[]> contents) {

    private static final List<String> TOKENIZER = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "tokenizer.model");

    /** Several times the size of the largest published tokenizer. */
    private static final long LARGEST = 1L << 28;

    private static final String GENERATION = "generation_config.json";

    public CompanionFiles {
        contents = Collections.unmodifiableMap(new LinkedHashMap<>(contents));
    }

    /** The tokenizer files and generation defaults of a model's folder. */
    public static CompanionFiles ofModel(Path folder) {
        Map<String, byte[]> contents = read(folder, TOKENIZER);
        contents.putAll(read(folder, List.of(GENERATION)));
        return new CompanionFiles(contents);
    }

    /**
     * The tokenizer files of a folder.
     *
     * @throws IllegalArgumentException if it has no {@code tokenizer.json}
     */
    public static CompanionFiles ofTokenizer(Path folder) {
        Map<String, byte[]> contents = read(folder, TOKENIZER);
        if (!contents.containsKey("tokenizer.json")) {
            throw new IllegalArgumentException("tokenizer must be a folder with tokenizer.json, got " + folder);
        }
        return new CompanionFiles(contents);
    }

    /** These files and a text file. */
    public CompanionFiles with(String name, String text) {
        Map<String, byte[]> more = new LinkedHashMap<>(contents);
        more.put(name, text.getBytes(StandardCharsets.UTF_8));
        return new CompanionFiles(more);
    }

    /** Writes the files into a folder. */
    public void write(Path folder) {
        try {
            for (Map.Entry<String, byte[]> file : contents.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + folder + ": " + e, e);
        }
    }

    private static void requireSmall(Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IllegalArgumentException(file.getFileName() + " must have at most " + LARGEST + " bytes, got "
                    + Files.size(file) + " (" + file + ")");
        }
    }

    private static Map<String, byte[]> read(Path folder, List<String> names) {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String name : names) {
            try {
                if (Files.isRegularFile(folder.resolve(name))) {
                    requireSmall(folder.resolve(name));
                    contents.put(name, Files.readAllBytes(folder.resolve(name)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + folder.resolve(name) + ": " + e, e);
            }
        }
        return contents;
    }
}
