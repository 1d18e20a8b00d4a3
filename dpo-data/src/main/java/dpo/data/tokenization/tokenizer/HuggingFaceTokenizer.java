package dpo.data.tokenization.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;

/**
 * The tokenizer of a {@code tokenizer.json}, run by the tokenizers library of Hugging Face.
 *
 * <p>Truncation and padding of the file have no effect, and nothing is downloaded. The library runs in a separate
 * process, which {@link #close} ends; a file that makes it crash is a {@link DataException}. Instances are safe for use
 * by several threads.
 */
public final class HuggingFaceTokenizer implements AutoCloseable {

    /** The limit of processor time; a megabyte of text takes about a second. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TokenizerProcess tokenizer;
    private final TokenizerFile file;
    private final Pieces pieces;

    private HuggingFaceTokenizer(TokenizerFile file, String json) {
        this.file = file;
        this.pieces = new Pieces(file.cuts(), file.separatesWords());
        this.tokenizer = new TokenizerProcess(file.path(), json, LIMIT);
    }

    /** The version of the library, and that of its Java interface. */
    public static String version() {
        Properties properties = new Properties();
        try (InputStream in = TokenizersLibrary.class.getResourceAsStream("/native/lib/tokenizers.properties")) {
            properties.load(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of ai.djl.huggingface:tokenizers", e);
        }
        return properties.getProperty("version", "unknown");
    }

    /**
     * Opens a tokenizer.
     *
     * @param path a {@code tokenizer.json}
     * @throws DataException if there is none, or none that the library can read
     */
    public static HuggingFaceTokenizer open(Path path) {
        return of(TokenizerFile.read(path));
    }

    /** Opens a tokenizer whose file has been read. */
    public static HuggingFaceTokenizer of(TokenizerFile file) {
        return new HuggingFaceTokenizer(file, file.json());
    }

    /** Opens a tokenizer with other spellings of its special tokens, see {@link TokenizerFile#respelledJson}. */
    public static HuggingFaceTokenizer respelled(TokenizerFile file) {
        return new HuggingFaceTokenizer(file, file.respelledJson());
    }

    /**
     * Ids of a text; spellings of special tokens become these tokens, and no tokens are added.
     *
     * @throws BadRowException if the library cannot encode it
     */
    public int[] encode(String text) {
        return tokenizer.encode(text, false);
    }

    /**
     * Ids of each text, as {@link #encode} gives them, computed together on all processors; parts that texts share are
     * encoded once.
     *
     * @return empty if the library cannot encode one of them
     */
    public Optional<List<int[]>> encodeAll(List<String> texts) {
        return pieces.encodeAll(texts, tokenizer::encodeAll);
    }

    /** Ids of a text with the tokens that the post-processor of the file adds. */
    public int[] encodeWithAddedTokens(String text) {
        return tokenizer.encode(text, true);
    }

    /** The text of token ids, including special tokens; with a normalizer, the normalised text. */
    public String decode(int[] ids) {
        return tokenizer.decode(ids);
    }

    /** The number of different tokens, including added ones. */
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
