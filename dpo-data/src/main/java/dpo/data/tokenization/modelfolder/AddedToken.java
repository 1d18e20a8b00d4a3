package dpo.data.tokenization.modelfolder;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that is found in a text before the tokenizer's model runs, like {@code AddedToken} of transformers.
 *
 * @param content its spelling
 * @param singleWord whether it matches only as a whole word
 * @param lstrip whether it includes the white space before it
 * @param rstrip whether it includes the white space after it
 * @param normalization whether it is searched in the normalised text; by default if it is not special
 * @param special whether decoding can leave it out
 */
record AddedToken(
        String content,
        boolean singleWord,
        boolean lstrip,
        boolean rstrip,
        Optional<Boolean> normalization,
        boolean special) {

    /** The token that transformers creates for a special token given as a string. */
    static AddedToken special(String content) {
        return new AddedToken(content, false, false, false, Optional.empty(), true);
    }

    /** Reads a string, or an object with {@code content} and flags that differ from their defaults. */
    static AddedToken read(JsonValue token) {
        if (token.isText()) {
            return special(token.text());
        }
        if (!token.isObject() || !token.field("content").isText()) {
            throw token.wrong("a token, a text or an object with content");
        }
        JsonValue normalized = token.field("normalized");
        return new AddedToken(
                token.field("content").text(),
                token.field("single_word").flag(false),
                token.field("lstrip").flag(false),
                token.field("rstrip").flag(false),
                normalized.isAbsent() ? Optional.empty() : Optional.of(normalized.flag(false)),
                token.field("special").flag(false));
    }

    boolean normalized() {
        return normalization.orElse(!special);
    }

    /** Whether the text around a spelling decides what the token takes, or whether it is one. */
    boolean dependsOnNeighbours() {
        return singleWord || lstrip || rstrip;
    }

    AddedToken asSpecial() {
        return new AddedToken(content, singleWord, lstrip, rstrip, normalization, true);
    }

    /** The same token with explicit defaults, for comparisons. */
    AddedToken resolved() {
        return new AddedToken(content, singleWord, lstrip, rstrip, Optional.of(normalized()), special);
    }

    ObjectNode json(int id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", singleWord)
                .put("lstrip", lstrip)
                .put("rstrip", rstrip)
                .put("normalized", normalized())
                .put("special", special);
    }
}
