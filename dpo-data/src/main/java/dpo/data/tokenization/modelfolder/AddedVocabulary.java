package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
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
 * @param ids their ids
 */
record AddedVocabulary(
        Map<String, Integer> vocabulary, int size, Map<String, AddedToken> tokens, Map<String, Integer> ids) {

    static AddedVocabulary none(Map<String, Integer> vocabulary, int size) {
        return new AddedVocabulary(vocabulary, size, Map.of(), Map.of());
    }

    /** Adds tokens in order; a token that exists already gets the new flags. */
    AddedVocabulary with(Collection<AddedToken> more) {
        Map<String, AddedToken> allTokens = new LinkedHashMap<>(tokens);
        Map<String, Integer> allIds = new LinkedHashMap<>(ids);
        int greatest = ids.isEmpty() ? -1 : Collections.max(ids.values());
        int next = Math.max(size, greatest + 1);
        for (AddedToken token : more) {
            if (token.content().isEmpty()) {
                continue;
            }
            allTokens.put(token.content(), token);
            if (!allIds.containsKey(token.content())) {
                Integer known = vocabulary.get(token.content());
                allIds.put(token.content(), known != null ? known : next++);
            }
        }
        return new AddedVocabulary(vocabulary, size, allTokens, allIds);
    }

    /**
     * The {@code added_tokens} of a tokenizer file. New tokens come first, ordered by id; in this order all versions of
     * the library assign them the same ids.
     *
     * @throws DataException if no order achieves that
     */
    ArrayNode json(Path file) {
        requireOneTokenPerId(file);
        List<String> added = ids.keySet().stream()
                .filter(token -> !vocabulary.containsKey(token))
                .sorted(Comparator.comparing(ids::get))
                .toList();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (String token : added) {
            if (ids.get(token) != size + json.size()) {
                throw new DataException("added token must have the first id after the " + size + " of model.vocab and "
                        + json.size() + " other added tokens, got " + token + " with id " + ids.get(token)
                        + ": versions of the tokenizers library would differ (" + file + ")");
            }
            json.add(tokens.get(token).json(ids.get(token)));
        }
        tokens.forEach((content, token) -> {
            if (vocabulary.containsKey(content)) {
                json.add(token.json(ids.get(content)));
            }
        });
        return json;
    }

    private void requireOneTokenPerId(Path file) {
        Map<Integer, String> owners = new LinkedHashMap<>();
        vocabulary.forEach((token, id) -> {
            if (!ids.containsKey(token)) {
                owners.put(id, token);
            }
        });
        ids.forEach((token, id) -> {
            String other = owners.put(id, token);
            if (other != null) {
                throw new DataException("added token must have an id of its own, got " + token + " and " + other
                        + " with id " + id + " (" + file + ")");
            }
        });
    }
}
