package dpo.data.tokenization;

import dpo.data.example.BadRowException;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The encoding of text under a policy on spellings of special tokens in the data.
 *
 * <p>To encode such a spelling as ordinary text, it is marked before the template is rendered; unmarked spellings in
 * the rendered text are then the template's own. These get spellings that occur in no text, and a second tokenizer,
 * whose special tokens have these spellings, encodes the result: to it the usual spellings are ordinary text.
 */
final class TextEncoder implements AutoCloseable {

    private static final char MARK = TokenizerFile.MARK;

    private final TokenizerFile file;
    private final HuggingFaceTokenizer tokenizer;
    private final SpecialTokensInText policy;
    private final Set<Integer> normalizedIds;
    private final boolean[] firstChars = new boolean[Character.MAX_VALUE + 1];

    /**
     * The second tokenizer, opened at the first marked text, because it is a further process, which few data sets need.
     */
    private Optional<HuggingFaceTokenizer> respelled = Optional.empty();

    TextEncoder(TokenizerFile file, SpecialTokensInText policy) {
        this.file = file;
        this.tokenizer = HuggingFaceTokenizer.of(file);
        this.policy = policy;
        this.normalizedIds = file.normalizedSpecialIds();
        file.specialTokens().keySet().forEach(token -> firstChars[token.charAt(0)] = true);
    }

    HuggingFaceTokenizer tokenizer() {
        return tokenizer;
    }

    /** The first special token that a text or its normalised form spells. */
    Optional<String> spelled(String text) {
        return IntStream.range(0, text.length())
                .mapToObj(at -> spelledAt(text, at))
                .flatMap(Optional::stream)
                .findFirst()
                .map(Map.Entry::getKey)
                .or(() -> spelledNormalized(text));
    }

    private Optional<String> spelledNormalized(String text) {
        if (normalizedIds.isEmpty()) {
            return Optional.empty();
        }
        return Arrays.stream(tokenizer.encode(text))
                .filter(normalizedIds::contains)
                .mapToObj(id -> tokenizer.decode(new int[] {id}))
                .findFirst();
    }

    /**
     * The form in which a text of the data is passed to the template.
     *
     * @throws BadRowException if the policy refuses it
     */
    String admit(String text, String where) {
        if (policy == SpecialTokensInText.ALLOW) {
            return text;
        }
        Optional<String> token = spelled(text);
        if (token.isPresent() && policy == SpecialTokensInText.REFUSE) {
            throw new BadRowException(
                    "special_token_in_text",
                    "text must not spell special tokens, got "
                            + token.get() + " (" + where
                            + "; special_tokens_in_text: text encodes it as plain text, allow as the special token)");
        }
        if (text.indexOf(MARK) >= 0 || text.indexOf(TokenizerFile.NAME) >= 0) {
            throw new BadRowException(
                    "noncharacter", "text must not hold the noncharacters U+FDD0 and U+FDD1, got one (" + where + ")");
        }
        return token.isPresent() ? marked(text) : text;
    }

    /**
     * Ids of a text composed of admitted texts and the template's own; no tokens are added.
     *
     * @throws BadRowException if it cannot be encoded
     */
    int[] encode(String text, String where) {
        try {
            return policy == SpecialTokensInText.TEXT && text.indexOf(MARK) >= 0
                    ? respelled().encode(respell(text))
                    : tokenizer.encode(text);
        } catch (BadRowException e) {
            throw new BadRowException(e.reason(), e.getMessage() + " (" + where + ")");
        }
    }

    /**
     * Ids of texts, by text, computed together on all processors. Without those that {@link #encode} must encode one by one:
     * marked texts, and all if the library fails at one of them.
     */
    Map<String, int[]> encodeAll(Collection<String> texts) {
        List<String> unmarked =
                texts.stream().filter(text -> text.indexOf(MARK) < 0).distinct().toList();
        Map<String, int[]> known = new HashMap<>();
        tokenizer.encodeAll(unmarked).ifPresent(ids -> IntStream.range(0, ids.size())
                .forEach(i -> known.put(unmarked.get(i), ids.get(i))));
        return known;
    }

    private synchronized HuggingFaceTokenizer respelled() {
        respelled = respelled.or(() -> Optional.of(HuggingFaceTokenizer.respelled(file)));
        return respelled.get();
    }

    @Override
    public synchronized void close() {
        tokenizer.close();
        respelled.ifPresent(HuggingFaceTokenizer::close);
    }

    /** Marks a text at every spelling, or once at its beginning where only its normalised form spells a token. */
    private String marked(String text) {
        StringBuilder marked = new StringBuilder(spelledAt(text, 0).isPresent() ? "" : String.valueOf(MARK));
        for (int at = 0; at < text.length(); at++) {
            if (spelledAt(text, at).isPresent()) {
                marked.append(MARK);
            }
            marked.append(text.charAt(at));
        }
        return marked.toString();
    }

    /** Removes the marks and respells the unmarked special tokens, from left to right, the longest match first. */
    private String respell(String text) {
        StringBuilder named = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            Optional<Map.Entry<String, Integer>> token = spelledAt(text, at);
            if (token.isPresent()) {
                named.append(TokenizerFile.name(token.get().getValue()));
                at += token.get().getKey().length();
            } else {
                at += text.charAt(at) == MARK ? 1 : 0;
                named.append(text.charAt(at));
                at++;
            }
        }
        return named.toString();
    }

    /** The special token, with its id, that a text spells at a place. */
    private Optional<Map.Entry<String, Integer>> spelledAt(String text, int at) {
        return firstChars[text.charAt(at)]
                ? tokenizer.specialTokens().entrySet().stream()
                        .filter(token -> text.startsWith(token.getKey(), at))
                        .max(Comparator.comparing(token -> token.getKey().length()))
                : Optional.empty();
    }
}
