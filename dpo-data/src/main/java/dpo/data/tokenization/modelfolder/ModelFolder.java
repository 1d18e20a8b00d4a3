package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import dpo.data.template.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The files of a model folder in Hugging Face layout that concern text: tokenizer, named tokens, chat template. */
public final class ModelFolder {

    private final Path folder;
    private final JsonValue config;
    private final JsonValue tokenizerConfig;
    private final TokenizerFile tokenizer;
    private final Map<String, String> namedTokens = new LinkedHashMap<>();

    /**
     * Reads the files of a tokenizer.
     *
     * @throws DataException if one is missing or cannot be used
     */
    public ModelFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("model path must be a folder, got no folder of that name (" + folder + ")");
        }
        this.folder = folder;
        this.config = JsonFile.optional(folder.resolve("config.json"));
        this.tokenizerConfig = JsonFile.optional(folder.resolve("tokenizer_config.json"));
        TokenizerFile file = TokenizerFile.read(folder.resolve("tokenizer.json"));
        ConfiguredTokens configured = ConfiguredTokens.read(folder, tokenizerConfig, file);
        this.tokenizer = file.with(configured);
        configured.named().forEach((name, token) -> namedTokens.put(name, token.content()));
    }

    /** The tokenizer, including the tokens that the other files add. */
    public TokenizerFile tokenizer() {
        return tokenizer;
    }

    /** The named tokens by name, such as {@code eos_token}; they are variables of the chat template. */
    public Map<String, String> namedTokens() {
        return namedTokens;
    }

    /**
     * Ids that end a text: that of {@code eos_token}, and {@code eos_token_id} (a number or a list) of
     * {@code generation_config.json}, or of {@code config.json} where the former has none.
     */
    public Set<Integer> endIds() {
        Set<Integer> ids = new TreeSet<>();
        Optional.ofNullable(namedTokens.get("eos_token"))
                .map(token -> tokenizer.specialTokens().get(token))
                .ifPresent(ids::add);
        Set<Integer> ofGeneration = endIds(JsonFile.optional(folder.resolve("generation_config.json")));
        ids.addAll(ofGeneration.isEmpty() ? endIds(config) : ofGeneration);
        return ids;
    }

    private static Set<Integer> endIds(JsonValue file) {
        JsonValue value = file.field("eos_token_id");
        Set<Integer> ids = new TreeSet<>();
        if (value.isList()) {
            value.elements().forEach(id -> ids.add(id.id()));
        } else if (value.node().isNumber()) {
            ids.add(value.id());
        } else if (!value.isAbsent()) {
            throw value.wrong("a token id or a list of them");
        }
        return ids;
    }

    /** The number of rows of the embedding in {@code config.json}; that of the text model where there are several. */
    public OptionalInt embeddingRows() {
        for (JsonValue part : List.of(config, config.field("text_config"))) {
            if (!part.field("vocab_size").isAbsent()) {
                return OptionalInt.of(part.field("vocab_size").id());
            }
        }
        return OptionalInt.empty();
    }

    /**
     * The chat template.
     *
     * @param other a template file that replaces that of the folder
     * @param day the date for templates that read it
     */
    public Optional<ChatTemplate> template(Optional<Path> other, Optional<LocalDate> day) {
        Optional<ChatTemplate> template = other.map(file -> ChatTemplate.parse(file.toString(), JsonFile.text(file)))
                .or(() -> ChatTemplateFiles.read(folder, tokenizerConfig));
        Optional<Clock> clock =
                day.map(date -> Clock.fixed(date.atStartOfDay(ZoneOffset.UTC).toInstant(), ZoneOffset.UTC));
        return template.map(parsed -> clock.map(parsed::withClock).orElse(parsed));
    }
}
