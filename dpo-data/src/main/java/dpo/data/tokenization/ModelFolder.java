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
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model folder in Hugging Face layout says about text: {@code tokenizer.json}, {@code tokenizer_config.json} and
 * {@code chat_template.jinja}. The special tokens of older folders ({@code special_tokens_map.json}) fill in what the
 * configuration lacks.
 */
final class ModelFolder {

    private static final String TEMPLATE_FILE = "chat_template.jinja";
    private static final String TEMPLATE_KEY = "chat_template";

    private final Path folder;
    private final ObjectNode config;
    private final Map<String, String> namedTokens = new LinkedHashMap<>();

    ModelFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("model path must be a folder, got none there (" + folder + ")");
        }
        this.folder = folder;
        this.config = optional("tokenizer_config.json");
        ObjectNode older = optional("special_tokens_map.json");
        for (String name : new String[] {"bos", "eos", "unk", "sep", "pad", "cls", "mask"}) {
            String key = name + "_token";
            spelling(config.has(key) ? config.get(key) : older.path(key))
                    .ifPresent(token -> namedTokens.put(key, token));
        }
    }

    /** The tokenizer, its named tokens made special as transformers does. */
    TokenizerFile tokenizer() {
        TokenizerFile file = TokenizerFile.read(folder.resolve("tokenizer.json"))
                .withSpecialTokens(namedTokens.values());
        for (String key : new String[] {"bos_token", "eos_token"}) {
            String token = namedTokens.get(key);
            if (token != null && !file.specialTokens().containsKey(token)) {
                throw new DataException(key + " must be a special token of tokenizer.json, got " + token + " (" + folder
                        + ")");
            }
        }
        return file;
    }

    /** Spelling by name ({@code eos_token}), of the tokens that the folder names: variables of the chat template. */
    Map<String, String> namedTokens() {
        return namedTokens;
    }

    /**
     * Ids that end a text: that of the {@code eos_token}, and {@code eos_token_id}, a number or a list, of
     * {@code generation_config.json}, or of {@code config.json} where that names none.
     *
     * @param specialTokens ids by spelling
     */
    Set<Integer> endIds(Map<String, Integer> specialTokens) {
        Set<Integer> ids = new TreeSet<>();
        Optional.ofNullable(namedTokens.get("eos_token")).map(specialTokens::get).ifPresent(ids::add);
        Set<Integer> ofGeneration = endIds("generation_config.json");
        ids.addAll(ofGeneration.isEmpty() ? endIds("config.json") : ofGeneration);
        return ids;
    }

    private Set<Integer> endIds(String file) {
        JsonNode value = optional(file).path("eos_token_id");
        if (value.isMissingNode() || value.isNull()) {
            return Set.of();
        }
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode id : value.isArray() ? value : List.of(value)) {
            if (!id.isIntegralNumber() || id.asInt(-1) < 0) {
                throw new DataException("eos_token_id must be a token id or a list of them, got " + value + " ("
                        + folder.resolve(file) + ")");
            }
            ids.add(id.intValue());
        }
        return ids;
    }

    /**
     * The chat template: the file of the settings, else {@code chat_template.jinja}, else {@code chat_template} of the
     * configuration, a string or a list of named ones of which {@code default} is taken; empty where there is none.
     */
    Optional<ChatTemplate> template(TokenizationSettings settings) {
        Path own = folder.resolve(TEMPLATE_FILE);
        Optional<ChatTemplate> template;
        if (settings.chatTemplate().isPresent() || Files.isRegularFile(own)) {
            Path file = settings.chatTemplate().orElse(own);
            template = Optional.of(ChatTemplate.parse(file.toString(), JsonFile.text(file)));
        } else {
            template = configured().map(source ->
                    ChatTemplate.parse(folder.resolve("tokenizer_config.json") + ":" + TEMPLATE_KEY, source));
        }
        return template.map(parsed -> settings.day()
                .map(day -> parsed.withClock(Clock.fixed(day.atStartOfDay(ZoneOffset.UTC).toInstant(), ZoneOffset.UTC)))
                .orElse(parsed));
    }

    private Optional<String> configured() {
        JsonNode value = config.path(TEMPLATE_KEY);
        if (value.isString()) {
            return Optional.of(value.stringValue());
        }
        for (JsonNode named : value) {
            if (named.path("name").asString("").equals("default")) {
                return Optional.of(named.path("template").asString());
            }
        }
        return Optional.empty();
    }

    private ObjectNode optional(String name) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) ? JsonFile.read(file).json() : JsonNodeFactory.instance.objectNode();
    }

    /** A token is written as its spelling, or as an object with the spelling as its content. */
    private static Optional<String> spelling(JsonNode token) {
        JsonNode content = token.isObject() ? token.path("content") : token;
        return content.isString() ? Optional.of(content.stringValue()) : Optional.empty();
    }
}
