package dpo.data.tokenization;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code tokenizer.json}: what the tokenizers library does not tell, and the variants of it that we load. */
final class TokenizerFile {

    /** A code point that is no character: no text has a reason to hold it. */
    static final String NO_CHARACTER = "\uFDD0";

    private final Path path;
    private final String sha256;
    private final ObjectNode json;
    private final Map<String, Integer> modelVocabulary;
    private final Map<String, Integer> all;
    private final SortedMap<String, Integer> special = new TreeMap<>();

    private TokenizerFile(Path path, String sha256, ObjectNode json) {
        this.path = path;
        this.sha256 = sha256;
        this.json = json;
        this.modelVocabulary = modelVocabulary(json.path("model").path("vocab"));
        this.all = new HashMap<>(modelVocabulary);
        for (JsonNode token : added()) {
            all.put(token.path("content").asString(), token.path("id").asInt());
            if (token.path("special").asBoolean()) {
                special.put(token.path("content").asString(), token.path("id").asInt());
            }
        }
        if (all.isEmpty()) {
            throw new DataException("tokenizer must have a vocabulary, got none (" + path + ")");
        }
    }

    static TokenizerFile read(Path path) {
        JsonFile file = JsonFile.read(path);
        return new TokenizerFile(path, file.sha256(), file.json());
    }

    /**
     * This tokenizer with tokens named in its configuration (end of sequence, …) as special tokens, as transformers adds
     * them at loading. Those that the vocabulary lacks are left aside.
     */
    TokenizerFile withSpecialTokens(Iterable<String> spellings) {
        ObjectNode copy = json.deepCopy();
        ArrayNode added = copy.withArray("added_tokens");
        for (String spelling : spellings) {
            if (modelVocabulary.containsKey(spelling) && !isAdded(spelling)) {
                added.addObject().put("id", all.get(spelling)).put("content", spelling).put("single_word", false)
                        .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
            }
        }
        return added.size() == added().size() ? this : new TokenizerFile(path, sha256, copy);
    }

    Path path() {
        return path;
    }

    String sha256() {
        return sha256;
    }

    String json() {
        return json.toString();
    }

    int vocabularySize() {
        return all.size();
    }

    int greatestId() {
        return Collections.max(all.values());
    }

    SortedMap<String, Integer> specialTokens() {
        return Collections.unmodifiableSortedMap(special);
    }

    /**
     * The file without its special tokens. Those that the model has in its vocabulary are taken from the added tokens;
     * the others are respelt beyond recognition, since the ids of added tokens go by their order.
     */
    String jsonWithoutSpecialTokens() {
        ObjectNode copy = json.deepCopy();
        ArrayNode kept = copy.putArray("added_tokens");
        for (JsonNode token : added()) {
            String spelling = token.path("content").asString();
            if (!special.containsKey(spelling)) {
                kept.add(token);
            } else if (!modelVocabulary.containsKey(spelling)) {
                kept.add(((ObjectNode) token.deepCopy())
                        .put("content", NO_CHARACTER + NO_CHARACTER + special.get(spelling)));
            }
        }
        copy.putNull("post_processor");
        return copy.toString();
    }

    private boolean isAdded(String spelling) {
        for (JsonNode token : added()) {
            if (token.path("content").asString().equals(spelling)) {
                return true;
            }
        }
        return false;
    }

    private List<JsonNode> added() {
        return json.path("added_tokens").valueStream().toList();
    }

    /** Token to id: an object in most models, a list of [token, score] in Unigram. */
    private static Map<String, Integer> modelVocabulary(JsonNode vocab) {
        Map<String, Integer> map = new HashMap<>();
        if (vocab.isObject()) {
            vocab.properties().forEach(token -> map.put(token.getKey(), token.getValue().asInt()));
        } else {
            for (JsonNode token : vocab) {
                map.put(token.path(0).asString(), map.size());
            }
        }
        return map;
    }
}
