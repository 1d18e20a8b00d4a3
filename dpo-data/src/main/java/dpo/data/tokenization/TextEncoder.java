package dpo.data.tokenization;

import dpo.data.DataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Text to ids under a policy on spellings of special tokens in what people wrote.
 *
 * <p>To keep a spelling as text, a mark is put within it before the template is rendered: in the rendered text the
 * unmarked spellings are then the template's own. The text is cut at these, the marks are taken out, and the pieces are
 * encoded by a tokenizer without special tokens, which is how the tokenizers library itself treats the text between
 * special tokens. Whether the pieces are really independent for a given tokenizer is checked on the marked text, which
 * holds no doubtful spelling: there, pieces and whole must give the same ids.
 */
final class TextEncoder implements AutoCloseable {

    private static final String MARK = TokenizerFile.NO_CHARACTER;

    private final HuggingFaceTokenizer tokenizer;
    private final SpecialTokensInText policy;
    private final Optional<HuggingFaceTokenizer> plain;
    private final Set<Integer> specialIds;
    private final boolean[] firstChars = new boolean[Character.MAX_VALUE + 1];

    TextEncoder(TokenizerFile file, SpecialTokensInText policy) {
        this.tokenizer = HuggingFaceTokenizer.of(file);
        this.policy = policy;
        this.plain = policy == SpecialTokensInText.TEXT
                ? Optional.of(HuggingFaceTokenizer.withoutSpecialTokens(file))
                : Optional.empty();
        this.specialIds = Set.copyOf(file.specialTokens().values());
        file.specialTokens().keySet().stream().filter(token -> !token.isEmpty())
                .forEach(token -> firstChars[token.charAt(0)] = true);
    }

    HuggingFaceTokenizer tokenizer() {
        return tokenizer;
    }

    /** The first special token that a text spells. */
    Optional<String> spelled(String text) {
        return IntStream.range(0, text.length())
                .mapToObj(at -> spelledAt(text, at))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * What stands for a person's text in the text to be encoded.
     *
     * @throws DataException where the policy refuses it
     */
    String admit(String text, String where) {
        Optional<String> token = policy == SpecialTokensInText.ALLOW ? Optional.empty() : spelled(text);
        if (policy == SpecialTokensInText.TEXT && text.contains(MARK)) {
            throw new DataException("text must not hold the noncharacter U+FDD0, got it (" + where + ")");
        }
        if (token.isEmpty()) {
            return text;
        }
        if (policy == SpecialTokensInText.REFUSE) {
            throw new DataException("text must not spell special tokens, got " + token.get() + " (" + where
                    + "; special_tokens_in_text: text takes it as text, allow as the token)");
        }
        return marked(text, where);
    }

    /** Ids of a text made of admitted texts and of the template's own; no tokens are added before or after. */
    int[] encode(String text) {
        return policy == SpecialTokensInText.TEXT && text.contains(MARK) ? encodeMarked(text) : tokenizer.encode(text);
    }

    @Override
    public void close() {
        tokenizer.close();
        plain.ifPresent(HuggingFaceTokenizer::close);
    }

    private String marked(String text, String where) {
        StringBuilder marked = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            marked.append(text.charAt(at));
            Optional<String> token = spelledAt(text, at);
            if (token.isPresent()) {
                if (token.get().length() == 1) {
                    throw new DataException("text must not spell a special token of one character, got " + token.get()
                            + " (" + where + "; it cannot be told from text)");
                }
                marked.append(MARK);
            }
        }
        return marked.toString();
    }

    private Optional<String> spelledAt(String text, int at) {
        return firstChars[text.charAt(at)]
                ? tokenizer.specialTokens().keySet().stream()
                        .filter(token -> !token.isEmpty() && text.startsWith(token, at))
                        .findFirst()
                : Optional.empty();
    }

    private int[] encodeMarked(String text) {
        HuggingFaceTokenizer.Located whole = tokenizer.locate(text);
        List<int[]> check = new ArrayList<>();
        List<int[]> result = new ArrayList<>();
        int done = 0;
        for (int i = 0; i < whole.ids().length; i++) {
            if (specialIds.contains(whole.ids()[i])) {
                piece(text.substring(done, whole.starts()[i]), check, result);
                int[] special = {whole.ids()[i]};
                check.add(special);
                result.add(special);
                done = whole.ends()[i];
            }
        }
        piece(text.substring(done), check, result);
        if (!Arrays.equals(joined(check), whole.ids())) {
            throw new DataException("special_tokens_in_text must be refuse or allow with this tokenizer, got text, which it "
                    + "cannot keep apart from special tokens");
        }
        return joined(result);
    }

    private void piece(String text, List<int[]> check, List<int[]> result) {
        if (!text.isEmpty()) {
            HuggingFaceTokenizer encoder = plain.orElseThrow();
            check.add(encoder.encode(text));
            int[] ids = encoder.encode(text.replace(MARK, ""));
            if (Arrays.stream(ids).anyMatch(specialIds::contains)) {
                throw new DataException("special_tokens_in_text must be refuse or allow with this tokenizer, got text, "
                        + "which its model turns into special tokens");
            }
            result.add(ids);
        }
    }

    private static int[] joined(List<int[]> pieces) {
        return pieces.stream().flatMapToInt(Arrays::stream).toArray();
    }
}
