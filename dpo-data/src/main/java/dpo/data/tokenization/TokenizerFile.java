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

    /** Two code points that are no characters, so that no text has a reason to hold them. */
    static final char MARK = '\uFDD0';

    static final char NAME = '\uFDD1';

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
            if (token.path("special").asBoolean() && !token.path("content").asString().isEmpty()) {
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
     * This tokenizer with tokens named in its configuration (end of sequence, …) as special tokens, as transformers
     * adds them at loading. Those that the vocabulary lacks are left aside.
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

    /** What a special token is called in {@link #respelledJson}. */
    static String name(int id) {
        return NAME + Integer.toString(id) + NAME;
    }

    /**
     * The file with its special tokens called {@link #name}: ids stay, and the usual spellings are ordinary text.
     * Without post-processor, which would add tokens.
     */
    String respelledJson() {
        ObjectNode copy = json.deepCopy();
        copy.putNull("post_processor");
        for (JsonNode token : copy.path("added_tokens")) {
            rename((ObjectNode) token, "content");
        }
        ObjectNode model = (ObjectNode) copy.get("model");
        rename(model, "unk_token");
        JsonNode vocab = model.path("vocab");
        if (vocab instanceof ObjectNode map) {
            special.forEach((spelling, id) -> {
                if (map.remove(spelling) != null) {
                    map.put(name(id), id);
                }
            });
        } else {
            for (JsonNode token : vocab) {
                if (special.containsKey(token.path(0).asString())) {
                    ((ArrayNode) token).set(0, name(special.get(token.path(0).asString())));
                }
            }
        }
        return copy.toString();
    }

    private void rename(ObjectNode node, String key) {
        String spelling = node.path(key).asString("");
        if (special.containsKey(spelling)) {
            node.put(key, name(special.get(spelling)));
        }
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
