package dpo.data.tokenization;

import ai.djl.huggingface.tokenizers.Encoding;
import dpo.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;

/**
 * Text to token ids by a {@code tokenizer.json}, in the tokenizers library of Hugging Face.
 *
 * <p>Nothing is truncated or padded, whatever the file says about it, and nothing is fetched from a network. Holds
 * native memory: to be closed. Threads may share an instance.
 */
public final class HuggingFaceTokenizer implements AutoCloseable {

    static {
        // Read by the library at its first use: without it every load asks a cloud metadata address, and a machine with
        // a GPU downloads another native library.
        System.setProperty("ai.djl.offline", "true");
    }

    private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer tokenizer;
    private final TokenizerFile file;

    private HuggingFaceTokenizer(TokenizerFile file, String json) {
        this.file = file;
        this.tokenizer = load(file.path(), json);
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

    /** Ids of a text; spellings of special tokens become these tokens, and no token is added before or after. */
    public int[] encode(String text) {
        return ids(tokenizer.encode(text, false, false));
    }

    /** Ids of a text, with the tokens before and after it that the post-processor of the file adds. */
    public int[] encodeWithAddedTokens(String text) {
        return ids(tokenizer.encode(text, true, false));
    }

    /** Text of token ids, special tokens included; a tokenizer that normalises gives the normalised text back. */
    public String decode(int[] ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
    }

    /** Number of different tokens, added ones included. */
    public int vocabularySize() {
        return file.vocabularySize();
    }

    /** The greatest id that a text can get; an embedding must have more rows than this. */
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

    private static int[] ids(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    }

    private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(Path path, String json) {
        // Without these two the library cuts at 512 tokens and pads to the longest text.
        Map<String, String> options = Map.of("truncation", "false", "padding", "false");
        try (ByteArrayInputStream stream = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))) {
            return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(stream, options);
        } catch (IOException | RuntimeException e) {
            throw new DataException(
                    "tokenizer must be one that the tokenizers library reads, got: " + e.getMessage() + " (" + path
                    + ")", e);
        }
    }
}
