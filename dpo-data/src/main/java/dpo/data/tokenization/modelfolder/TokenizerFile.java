package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A {@code tokenizer.json} with the added tokens of its folder, in the variants that the library loads. */
public final class TokenizerFile {

    /** Marks an ordinary text that spells a special token. It is a noncharacter, which texts do not contain. */
    public static final char MARK = '\uFDD0';

    /** The first and last character of the {@link #name} of a special token; a noncharacter, too. */
    public static final char NAME = '\uFDD1';

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
        added.tokens().forEach((spelling, each) -> {
            if (each.token().special() || named.contains(spelling)) {
                special.put(spelling, each.id());
            }
        });
    }

    /**
     * Reads a tokenizer file without the other files of its folder.
     *
     * @throws DataException if it is none, or if the library would assign other ids to its added tokens
     */
    public static TokenizerFile read(Path path) {
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
            requireId(
                    token.field("id"),
                    token.field("content").text(),
                    token.field("id").id(),
                    added);
        }
        return new TokenizerFile(file.sha256(), file.content(), added, Set.of());
    }

    /** This tokenizer with the tokens of the other files of its folder, added in the order of transformers. */
    TokenizerFile with(ConfiguredTokens configured) {
        AddedVocabulary all = added.with(configured.toAdd(added.addedTokens()));
        configured
                .listed()
                .forEach(
                        (id, listed) -> requireId(listed.place(), listed.token().content(), id, all));
        return new TokenizerFile(sha256, content, all, configured.specialSpellings());
    }

    /** The path of the file. */
    public Path path() {
        return content.file();
    }

    /** SHA-256 of the file, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /** The spelling of the padding token. */
    Optional<String> padToken() {
        JsonValue token = content.field("padding").field("pad_token");
        return token.isAbsent() ? Optional.empty() : Optional.of(token.text());
    }

    /** The file with all added tokens. */
    public String json() {
        return whole().toString();
    }

    /** The number of different tokens, including added ones. */
    public int vocabularySize() {
        return ids().size();
    }

    /** The id of each token by spelling, including added ones. */
    private SortedMap<String, Integer> ids() {
        SortedMap<String, Integer> ids = new TreeMap<>(added.vocabulary());
        added.tokens().forEach((spelling, each) -> ids.put(spelling, each.id()));
        return ids;
    }

    /** The first token with another id than in another tokenizer, in words; empty if all ids are equal. */
    public Optional<String> differenceFrom(TokenizerFile other) {
        SortedMap<String, Integer> own = ids();
        SortedMap<String, Integer> others = other.ids();
        SortedMap<String, Integer> all = new TreeMap<>(others);
        all.putAll(own);
        return all.keySet().stream()
                .filter(token -> !Objects.equals(own.get(token), others.get(token)))
                .findFirst()
                .map(token -> "'" + token + "' with id " + own.get(token) + " for " + others.get(token));
    }

    /** The greatest id of a token that is not special. */
    public int greatestId() {
        Map<String, Integer> ids = ids();
        ids.keySet().removeAll(special.keySet());
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** Ids of the special tokens by spelling. */
    public SortedMap<String, Integer> specialTokens() {
        return Collections.unmodifiableSortedMap(special);
    }

    /**
     * The tokens before which a text may be cut: the library finds them before anything else, and encodes what lies
     * between them separately. Empty if a token also takes the white space around it, or must be a whole word.
     */
    public Set<String> cuts() {
        List<AddedToken> all = added.addedTokens();
        return all.stream().anyMatch(AddedToken::dependsOnNeighbours)
                ? Set.of()
                : all.stream()
                        .filter(token -> !token.normalized())
                        .map(AddedToken::content)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a text may also be cut before a space between two characters that are no white space. */
    public boolean separatesWords() {
        return WordSeparation.isOf(content, added.addedTokens());
    }

    /**
     * Ids of special tokens that the library finds in normalised text, and therefore also under other spellings. The
     * unknown token is excluded, because any text may yield it.
     */
    public Set<Integer> normalizedSpecialIds() {
        Set<Integer> ids = new TreeSet<>();
        if (!content.field("normalizer").isAbsent()) {
            String unknown = content.field("model").node().path("unk_token").asString("");
            added.tokens().forEach((spelling, each) -> {
                if (special.containsKey(spelling) && each.token().normalized() && !spelling.equals(unknown)) {
                    ids.add(each.id());
                }
            });
        }
        return ids;
    }

    /** The spelling of a special token in {@link #respelledJson}. */
    public static String name(int id) {
        return NAME + Integer.toString(id) + NAME;
    }

    /**
     * The file with its special tokens spelled {@link #name}: ids stay, and the usual spellings are ordinary text. It
     * has no post-processor, which would add tokens, and no merges that would build a special token from text.
     */
    public String respelledJson() {
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

    /** Whether a merge, a list of two parts or a string with a space, uses or builds a special token. */
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

    /** The file with its added tokens; it shares its parts with the file that was read. */
    private ObjectNode whole() {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.setAll(content.object());
        whole.set("added_tokens", addedJson);
        return whole;
    }

    private static void requireId(JsonValue place, String token, int id, AddedVocabulary added) {
        AddedVocabulary.Entry assigned = added.tokens().get(token);
        if (assigned != null && assigned.id() != id) {
            throw place.wrong(assigned.id() + ", the id that the tokenizers library assigns to " + token);
        }
    }

    /** Reads ids by token: an object in most models, a list of [token, score] in Unigram models. */
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
