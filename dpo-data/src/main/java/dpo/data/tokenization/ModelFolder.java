package dpo.data.tokenization;

import dpo.data.DataException;
import dpo.data.template.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** What a model folder in Hugging Face layout says about text: its tokenizer, named tokens and chat template. */
final class ModelFolder {

    private final Path folder;
    private final JsonValue config;
    private final JsonValue tokenizerConfig;
    private final TokenizerFile tokenizer;
    private final Map<String, String> namedTokens = new LinkedHashMap<>();

    /**
     * Reads the files of a tokenizer.
     *
     * @throws DataException where one is missing or cannot be used
     */
    ModelFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("model path must be a folder, got none there (" + folder + ")");
        }
        this.folder = folder;
        this.config = JsonFile.optional(folder.resolve("config.json"));
        this.tokenizerConfig = JsonFile.optional(folder.resolve("tokenizer_config.json"));
        TokenizerFile file = TokenizerFile.read(folder.resolve("tokenizer.json"));
        ConfiguredTokens configured = ConfiguredTokens.read(folder, tokenizerConfig, file);
        this.tokenizer = file.with(configured);
        configured.named().forEach((name, token) -> namedTokens.put(name, token.content()));
    }

    /** The tokenizer with the tokens of the other files. */
    TokenizerFile tokenizer() {
        return tokenizer;
    }

    /** Spelling by name ({@code eos_token}), of the tokens that the folder names: variables of the chat template. */
    Map<String, String> namedTokens() {
        return namedTokens;
    }

    /**
     * Ids that end a text: that of the {@code eos_token}, and {@code eos_token_id}, a number or a list, of
     * {@code generation_config.json}, or of {@code config.json} where that names none.
     */
    Set<Integer> endIds() {
        Set<Integer> ids = new TreeSet<>();
        Optional.ofNullable(namedTokens.get("eos_token")).map(tokenizer.specialTokens()::get).ifPresent(ids::add);
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

    /** The number of rows of the embedding according to {@code config.json}; of the text model where it has several. */
    OptionalInt embeddingRows() {
        for (JsonValue part : List.of(config, config.field("text_config"))) {
            if (!part.field("vocab_size").isAbsent()) {
                return OptionalInt.of(part.field("vocab_size").id());
            }
        }
        return OptionalInt.empty();
    }

    /** The chat template of the settings or else of the folder. */
    Optional<ChatTemplate> template(TokenizationSettings settings) {
        Optional<ChatTemplate> template = settings.chatTemplate()
                .map(file -> ChatTemplate.parse(file.toString(), JsonFile.text(file)))
                .or(() -> ChatTemplateFiles.read(folder, tokenizerConfig));
        return template.map(parsed -> settings.day()
                .map(day -> parsed.withClock(Clock.fixed(day.atStartOfDay(ZoneOffset.UTC).toInstant(), ZoneOffset.UTC)))
                .orElse(parsed));
    }
}
