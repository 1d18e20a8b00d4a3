package dpo.data.tokenization.modelfolder;

import java.util.List;
import java.util.Set;

/**
 * The tokenizers that encode the words of a text separately: cut before a space between two characters that are no white
 * space, a text has the ids of its parts.
 *
 * <p>This holds for a regular expression that covers every character, no match of which continues beyond such a place, and
 * whose matches after it do not depend on what precedes it; also if digits are separated before: a part then may end in the
 * space, which is a match of its own with and without the cut. It holds if a normalizer changes nothing across a space, and
 * if no added token contains one. Only expressions and steps of which it is known are recognised, by their text.
 */
final class WordSeparation {

    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String AFTER_LETTERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String BEFORE_LETTERS = "[^\\r\\n\\p{L}\\p{N}]?";

    /** Those of GPT-2, of Llama 3, of Qwen 2 and 3, and of GPT-4o. */
    private static final Set<String> EXPRESSIONS = Set.of(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            CONTRACTIONS + "|" + BEFORE_LETTERS + "\\p{L}+|\\p{N}{1,3}" + AFTER_LETTERS,
            CONTRACTIONS + "|" + BEFORE_LETTERS + "\\p{L}+|\\p{N}" + AFTER_LETTERS,
            BEFORE_LETTERS + UPPER + "*" + LOWER + "+" + CONTRACTIONS + "?|" + BEFORE_LETTERS + UPPER + "+" + LOWER
                    + "*" + CONTRACTIONS
                    + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    private WordSeparation() {}

    /**
     * Whether a tokenizer encodes words separately.
     *
     * @param tokenizer content of a {@code tokenizer.json}
     */
    static boolean isOf(JsonValue tokenizer, List<AddedToken> added) {
        return isLocal(tokenizer.field("normalizer"))
                && separates(steps(tokenizer.field("pre_tokenizer")))
                && hasType(tokenizer.field("model"), "BPE")
                && added.stream().noneMatch(token -> token.dependsOnNeighbours() || holdsSpace(token.content()));
    }

    /** The only normalizers are those that compose letters and their marks. */
    private static boolean isLocal(JsonValue normalizer) {
        return normalizer.isAbsent() || hasType(normalizer, "NFC") || hasType(normalizer, "NFD");
    }

    private static List<JsonValue> steps(JsonValue preTokenizer) {
        return hasType(preTokenizer, "Sequence")
                ? preTokenizer.field("pretokenizers").elements()
                : List.of(preTokenizer);
    }

    /** Digits and expressions, one of them known, then the step that writes bytes as characters. */
    private static boolean separates(List<JsonValue> steps) {
        if (steps.isEmpty()) {
            return false;
        }
        JsonValue last = steps.get(steps.size() - 1);
        List<JsonValue> before = steps.subList(0, steps.size() - 1);
        return hasType(last, "ByteLevel")
                && before.stream().allMatch(step -> hasType(step, "Digits") || isKnownExpression(step))
                && (last.field("use_regex").flag(true) || before.stream().anyMatch(WordSeparation::isKnownExpression));
    }

    private static boolean isKnownExpression(JsonValue step) {
        return hasType(step, "Split")
                && step.field("behavior").node().asString("").equals("Isolated")
                && !step.field("invert").flag(false)
                && EXPRESSIONS.contains(
                        step.field("pattern").field("Regex").node().asString(""));
    }

    private static boolean hasType(JsonValue step, String type) {
        return step.isObject() && step.field("type").node().asString("").equals(type);
    }

    private static boolean holdsSpace(String token) {
        return token.indexOf(' ') >= 0 && !token.isBlank();
    }
}
