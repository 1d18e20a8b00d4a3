package dpo.data.tokenization;

import dpo.data.example.BadRowException;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Text to ids under a policy on spellings of special tokens in what people wrote.
 *
 * <p>To keep a spelling as text, it is marked before the template is rendered, so that the unmarked spellings in the
 * rendered text are the template's own. These are then spelled in a way that no text has, for a tokenizer in which the
 * special tokens are named so: it takes the usual spellings for ordinary text, and everything else is as it was.
 */
final class TextEncoder implements AutoCloseable {

    private static final char MARK = TokenizerFile.MARK;

    private final TokenizerFile file;
    private final HuggingFaceTokenizer tokenizer;
    private final SpecialTokensInText policy;
    private final Set<Integer> normalizedIds;
    private final boolean[] firstChars = new boolean[Character.MAX_VALUE + 1];

    /** Opened for the first marked text: it is a second process, and most data sets spell no special token. */
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

    /** The first special token that a text spells, or one that its normalised text spells. */
    Optional<String> spelled(String text) {
        return IntStream.range(0, text.length())
                .mapToObj(at -> spelledAt(text, at))
                .flatMap(Optional::stream)
                .findFirst()
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
     * What stands for a person's text in the text to be encoded.
     *
     * @throws BadRowException where the policy refuses it
     */
    String admit(String text, String where) {
        if (policy == SpecialTokensInText.ALLOW) {
            return text;
        }
        Optional<String> token = spelled(text);
        if (token.isPresent() && policy == SpecialTokensInText.REFUSE) {
            throw new BadRowException("special_token_in_text", "text must not spell special tokens, got "
                    + token.get() + " (" + where
                    + "; special_tokens_in_text: text takes it as text, allow as the token)");
        }
        if (text.indexOf(MARK) >= 0 || text.indexOf(TokenizerFile.NAME) >= 0) {
            throw new BadRowException("noncharacter",
                    "text must not hold the noncharacters U+FDD0 and U+FDD1, got one (" + where + ")");
        }
        return token.isPresent() ? marked(text) : text;
    }

    /**
     * Ids of a text made of admitted texts and of the template's own; no tokens are added before or after.
     *
     * @throws BadRowException where it has none
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

    private synchronized HuggingFaceTokenizer respelled() {
        respelled = respelled.or(() -> Optional.of(HuggingFaceTokenizer.respelled(file)));
        return respelled.get();
    }

    @Override
    public synchronized void close() {
        tokenizer.close();
        respelled.ifPresent(HuggingFaceTokenizer::close);
    }

    /** One mark at least, since what only the normalised text spells stands nowhere. */
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

    /** Takes the marks out, and names the special tokens that are not marked, the longest ones first, left to right. */
    private String respell(String text) {
        StringBuilder named = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            Optional<String> token = spelledAt(text, at);
            if (token.isPresent()) {
                named.append(TokenizerFile.name(tokenizer.specialTokens().get(token.get())));
                at += token.get().length();
            } else {
                at += text.charAt(at) == MARK ? 1 : 0;
                named.append(text.charAt(at));
                at++;
            }
        }
        return named.toString();
    }

    private Optional<String> spelledAt(String text, int at) {
        return firstChars[text.charAt(at)]
                ? tokenizer.specialTokens().keySet().stream()
                        .filter(token -> text.startsWith(token, at))
                        .max(Comparator.comparing(String::length))
                : Optional.empty();
    }
}
