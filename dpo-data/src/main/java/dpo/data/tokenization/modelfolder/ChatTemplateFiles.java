package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import dpo.data.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The chat templates of a model folder, in the order of transformers 5: {@code chat_template.jinja} and the files of
 * {@code chat_templates/}, named by their files; without these, {@code chat_template} of
 * {@code tokenizer_config.json}, one template or several named ones. Of several, {@code default} is used.
 */
final class ChatTemplateFiles {

    private static final String DEFAULT = "default";
    private static final String KEY = "chat_template";
    private static final String SUFFIX = ".jinja";

    /** The text of a template and its location, for messages. */
    private record TemplateText(String place, String text) {}

    private ChatTemplateFiles() {}

    /**
     * The template of a folder; empty if it has none.
     *
     * @throws DataException if it has several, none of them named {@code default}
     */
    static Optional<ChatTemplate> read(Path folder, JsonValue tokenizerConfig) {
        Map<String, TemplateText> templates = files(folder);
        if (templates.isEmpty()) {
            templates = configured(tokenizerConfig.field(KEY));
        }
        if (!templates.isEmpty() && !templates.containsKey(DEFAULT)) {
            throw new DataException("one of several chat templates must be named default, got " + templates.keySet()
                    + " (" + folder + "; chat_template: FILE uses the template in a file)");
        }
        return Optional.ofNullable(templates.get(DEFAULT))
                .map(template -> ChatTemplate.parse(template.place(), template.text()));
    }

    private static Map<String, TemplateText> files(Path folder) {
        Map<String, TemplateText> templates = new TreeMap<>();
        Path single = folder.resolve(KEY + SUFFIX);
        if (Files.isRegularFile(single)) {
            templates.put(DEFAULT, new TemplateText(single.toString(), JsonFile.text(single)));
        }
        Path named = folder.resolve("chat_templates");
        if (Files.isDirectory(named)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(named, "*" + SUFFIX)) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    templates.put(
                            name.substring(0, name.length() - SUFFIX.length()),
                            new TemplateText(file.toString(), JsonFile.text(file)));
                }
            } catch (IOException e) {
                throw new DataException(
                        "chat_templates must be readable, got " + e.getMessage() + " (" + named + ")", e);
            }
        }
        return templates;
    }

    private static Map<String, TemplateText> configured(JsonValue value) {
        Map<String, TemplateText> templates = new TreeMap<>();
        if (value.isText()) {
            templates.put(DEFAULT, text(value));
        } else if (value.isObject()) {
            value.fields().forEach((name, template) -> templates.put(name, text(template)));
        } else if (!value.isAbsent() && !value.isList()) {
            throw value.wrong("a template or a list of named templates");
        } else {
            for (JsonValue named : value.elements()) {
                templates.put(named.field("name").text(), text(named.field("template")));
            }
        }
        return templates;
    }

    private static TemplateText text(JsonValue template) {
        return new TemplateText(template.file() + ":" + template.name(), template.text());
    }
}
