package dpo.data.tokenization;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A {@code tokenizer.json} with the added tokens of its folder, and the variants of it that we load. */
final class TokenizerFile {

    /** Two code points that are no characters, so that no text has a reason to hold them. */
    static final char MARK = '\uFDD0';

    static final char NAME = '\uFDD1';

    private final String sha256;
    private final JsonValue content;
    private final AddedVocabulary added;
    private final ArrayNode addedJson;
    private final SortedMap<String, Integer> special = new TreeMap<>();

    private TokenizerFile(String sha256, JsonValue content, AddedVocabulary added, Set<String> named) {
        this.sha256 = sha256;
        this.content = content;
        this.added = added;
        this.addedJson = added.json(content.file());
        added.tokens().forEach((token, flags) -> {
            if (flags.special() || named.contains(token)) {
                special.put(token, added.ids().get(token));
            }
        });
    }

    /**
     * A tokenizer file alone.
     *
     * @throws DataException where it is none, or where the ids of its added tokens are not those that they get
     */
    static TokenizerFile read(Path path) {
        JsonFile file = JsonFile.read(path);
        JsonValue vocab = file.content().field("model").field("vocab");
        Map<String, Integer> vocabulary = vocabulary(vocab);
        if (vocabulary.isEmpty()) {
            throw vocab.wrong("a vocabulary of at least one token");
        }
        JsonValue dropout = file.content().field("model").field("dropout");
        if (!dropout.isAbsent() && (!dropout.node().isNumber() || dropout.node().asDouble() != 0)) {
            throw dropout.wrong("absent or 0, so that a text always has the same tokens");
        }
        List<JsonValue> listed = file.content().field("added_tokens").elements();
        AddedVocabulary added = AddedVocabulary.none(vocabulary, vocab.node().size())
                .with(listed.stream().map(AddedToken::read).toList());
        for (JsonValue token : listed) {
            requireId(token.field("id"), token.field("content").text(), token.field("id").id(), added);
        }
        return new TokenizerFile(file.sha256(), file.content(), added, Set.of());
    }

    /** This tokenizer with the tokens that the other files of its folder add, as transformers adds them at loading. */
    TokenizerFile with(ConfiguredTokens configured) {
        AddedVocabulary all = added.with(configured.toAdd(added.tokens().values()));
        configured.listed().forEach((id, listed) -> requireId(listed.place(), listed.token().content(), id, all));
        return new TokenizerFile(sha256, content, all, configured.specialSpellings());
    }

    Path path() {
        return content.file();
    }

    String sha256() {
        return sha256;
    }

    /** The spelling of the token with which a batch would be padded. */
    Optional<String> padToken() {
        JsonValue token = content.field("padding").field("pad_token");
        return token.isAbsent() ? Optional.empty() : Optional.of(token.text());
    }

    String json() {
        return whole().toString();
    }

    int vocabularySize() {
        Set<String> tokens = new HashSet<>(added.vocabulary().keySet());
        tokens.addAll(added.ids().keySet());
        return tokens.size();
    }

    /** The greatest id of a token that is not special. */
    int greatestId() {
        int greatest = 0;
        for (Map<String, Integer> ids : List.of(added.vocabulary(), added.ids())) {
            for (Map.Entry<String, Integer> token : ids.entrySet()) {
                greatest = special.containsKey(token.getKey()) ? greatest : Math.max(greatest, token.getValue());
            }
        }
        return greatest;
    }

    SortedMap<String, Integer> specialTokens() {
        return Collections.unmodifiableSortedMap(special);
    }

    /**
     * Ids of special tokens that are found in the normalised text, and so under other spellings too. Without the unknown
     * token, which stands for any text.
     */
    Set<Integer> normalizedSpecialIds() {
        Set<Integer> ids = new TreeSet<>();
        if (!content.field("normalizer").isAbsent()) {
            String unknown = content.field("model").node().path("unk_token").asString("");
            special.forEach((spelling, id) -> {
                if (added.tokens().get(spelling).normalized() && !spelling.equals(unknown)) {
                    ids.add(id);
                }
            });
        }
        return ids;
    }

    /** What a special token is called in {@link #respelledJson}. */
    static String name(int id) {
        return NAME + Integer.toString(id) + NAME;
    }

    /**
     * The file with its special tokens called {@link #name}: ids stay, and the usual spellings are ordinary text.
     * Without post-processor, which would add tokens, and without the merges that would make a special token of text.
     */
    String respelledJson() {
        ObjectNode copy = whole().deepCopy();
        copy.putNull("post_processor");
        for (JsonNode token : copy.path("added_tokens")) {
            rename((ObjectNode) token, "content");
        }
        ObjectNode model = (ObjectNode) copy.get("model");
        rename(model, "unk_token");
        renameVocabulary(model.path("vocab"));
        if (model.path("merges") instanceof ArrayNode merges) {
            merges.removeIf(this::isOfSpecialToken);
        }
        return copy.toString();
    }

    private void renameVocabulary(JsonNode vocab) {
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
    }

    /** Whether a merge, two parts in a list or with a space between them, takes or makes a special token. */
    private boolean isOfSpecialToken(JsonNode merge) {
        String text = merge.isString() ? merge.stringValue() : "";
        int space = text.indexOf(' ');
        String left = merge.isArray() ? merge.path(0).asString("") : text.substring(0, Math.max(0, space));
        String right = merge.isArray() ? merge.path(1).asString("") : text.substring(space + 1);
        return special.containsKey(left) || special.containsKey(right) || special.containsKey(left + right);
    }

    private void rename(ObjectNode node, String key) {
        String spelling = node.path(key).asString("");
        if (special.containsKey(spelling)) {
            node.put(key, name(special.get(spelling)));
        }
    }

    /** The file with its added tokens; shares its parts with the file that was read. */
    private ObjectNode whole() {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.setAll(content.object());
        whole.set("added_tokens", addedJson);
        return whole;
    }

    private static void requireId(JsonValue place, String token, int id, AddedVocabulary added) {
        if (!token.isEmpty() && added.ids().get(token) != id) {
            throw place.wrong(added.ids().get(token) + ", the id that the tokenizers library gives to " + token);
        }
    }

    /** Token to id: an object in most models, a list of [token, score] in Unigram. */
    private static Map<String, Integer> vocabulary(JsonValue vocab) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        if (vocab.isList()) {
            List<JsonValue> entries = vocab.elements();
            for (int id = 0; id < entries.size(); id++) {
                JsonValue entry = entries.get(id);
                JsonNode token = entry.node().path(0);
                if (!token.isString() || !entry.node().path(1).isNumber()) {
                    throw entry.wrong("a token and its score");
                }
                ids.put(token.stringValue(), id);
            }
        } else {
            vocab.fields().forEach((token, id) -> ids.put(token, id.id()));
        }
        return ids;
    }
}
