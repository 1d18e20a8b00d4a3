package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The added tokens of a tokenizer with their ids.
 *
 * <p>The tokenizers library does not read the ids of added tokens: a token of the model's vocabulary keeps its id, the
 * others get the next free ids in the order of addition. This class computes the same ids.
 *
 * @param vocabulary ids of the model's vocabulary
 * @param size number of entries of the model's vocabulary
 * @param tokens by spelling, in the order of adding
 */
record AddedVocabulary(Map<String, Integer> vocabulary, int size, Map<String, Entry> tokens) {

    /** An added token with its id. */
    record Entry(AddedToken token, int id) {}

    static AddedVocabulary none(Map<String, Integer> vocabulary, int size) {
        return new AddedVocabulary(vocabulary, size, Map.of());
    }

    /** The tokens in the order of adding. */
    List<AddedToken> addedTokens() {
        return tokens.values().stream().map(Entry::token).toList();
    }

    /** Adds tokens in order; a token that exists already gets the new flags. */
    AddedVocabulary with(Collection<AddedToken> more) {
        Map<String, Entry> all = new LinkedHashMap<>(tokens);
        int greatest = tokens.values().stream().mapToInt(Entry::id).max().orElse(-1);
        int next = Math.max(size, greatest + 1);
        for (AddedToken token : more) {
            if (!token.content().isEmpty()) {
                Entry old = all.get(token.content());
                Integer known = old != null ? Integer.valueOf(old.id()) : vocabulary.get(token.content());
                all.put(token.content(), new Entry(token, known != null ? known : next++));
            }
        }
        return new AddedVocabulary(vocabulary, size, all);
    }

    /**
     * The {@code added_tokens} of a tokenizer file. New tokens come first, ordered by id; in this order all versions of
     * the library assign them the same ids.
     *
     * @throws DataException if no order achieves that
     */
    ArrayNode json(Path file) {
        requireOneTokenPerId(file);
        List<Entry> added = tokens.values().stream()
                .filter(each -> !vocabulary.containsKey(each.token().content()))
                .sorted(Comparator.comparing(Entry::id))
                .toList();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Entry each : added) {
            if (each.id() != size + json.size()) {
                throw new DataException("added token must have the first id after the " + size + " of model.vocab and "
                        + json.size() + " other added tokens, got "
                        + each.token().content() + " with id " + each.id()
                        + ": versions of the tokenizers library would differ (" + file + ")");
            }
            json.add(each.token().json(each.id()));
        }
        tokens.forEach((content, each) -> {
            if (vocabulary.containsKey(content)) {
                json.add(each.token().json(each.id()));
            }
        });
        return json;
    }

    private void requireOneTokenPerId(Path file) {
        Map<Integer, String> owners = new LinkedHashMap<>();
        vocabulary.forEach((token, id) -> {
            if (!tokens.containsKey(token)) {
                owners.put(id, token);
            }
        });
        tokens.forEach((token, each) -> {
            String other = owners.put(each.id(), token);
            if (other != null) {
                throw new DataException("added token must have an id of its own, got " + token + " and " + other
                        + " with id " + each.id() + " (" + file + ")");
            }
        });
    }
}
