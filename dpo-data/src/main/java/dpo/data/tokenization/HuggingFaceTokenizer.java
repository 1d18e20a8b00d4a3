package dpo.data.tokenization;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;

/**
 * Text to token ids by a {@code tokenizer.json}, in the tokenizers library of Hugging Face.
 *
 * <p>Nothing is truncated or padded, whatever the file says about it, and nothing is downloaded. The library runs in a
 * process of its own, so that a file that makes it crash is a {@link DataException}: close it. Threads may share an
 * instance.
 */
public final class HuggingFaceTokenizer implements AutoCloseable {

    /** Of processor time; a megabyte of text takes about a second. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TokenizerProcess tokenizer;
    private final TokenizerFile file;

    private HuggingFaceTokenizer(TokenizerFile file, String json) {
        this.file = file;
        this.tokenizer = new TokenizerProcess(file.path(), json, LIMIT);
    }

    /**
     * Opens a tokenizer.
     *
     * @param path a {@code tokenizer.json}
     * @throws DataException where there is none, or none that the library can read
     */
    public static HuggingFaceTokenizer open(Path path) {
        return of(TokenizerFile.read(path));
    }

    static HuggingFaceTokenizer of(TokenizerFile file) {
        return new HuggingFaceTokenizer(file, file.json());
    }

    /** The tokenizer to which the special tokens have other names, see {@link TokenizerFile#respelledJson}. */
    static HuggingFaceTokenizer respelled(TokenizerFile file) {
        return new HuggingFaceTokenizer(file, file.respelledJson());
    }

    /**
     * Ids of a text; spellings of special tokens become these tokens, and no token is added before or after.
     *
     * @throws BadRowException where the library cannot encode it
     */
    public int[] encode(String text) {
        return tokenizer.encode(text, false);
    }

    /** Ids of a text, with the tokens before and after it that the post-processor of the file adds. */
    public int[] encodeWithAddedTokens(String text) {
        return tokenizer.encode(text, true);
    }

    /** Text of token ids, special tokens included; a tokenizer that normalises gives the normalised text back. */
    public String decode(int[] ids) {
        return tokenizer.decode(ids);
    }

    /** Number of different tokens, added ones included. */
    public int vocabularySize() {
        return file.vocabularySize();
    }

    /** The greatest id of a token that is not special; an embedding must have more rows than this. */
    public int greatestId() {
        return file.greatestId();
    }

    /** Ids of the special tokens by spelling. */
    public SortedMap<String, Integer> specialTokens() {
        return file.specialTokens();
    }

    /** SHA-256 of the tokenizer file, in hexadecimal. */
    public String sha256() {
        return file.sha256();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
