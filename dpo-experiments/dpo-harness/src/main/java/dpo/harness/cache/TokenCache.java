package dpo.harness.cache;

import dpo.data.format.HhRlhf;
import dpo.data.provenance.SourceProvenance;
import dpo.data.source.RowCounts;
import dpo.data.tokenization.TokenizationReport;
import dpo.data.tokenization.TokenizationSettings;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import dpo.harness.config.Backends;
import dpo.harness.config.ResolvedConfig;
import dpo.harness.store.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of data sets, each tokenized once.
 *
 * <p>The key of a data set consists of the bytes of its file, the settings of its reader, the files of the tokenizer, the
 * settings of tokenization, the size of the model's embedding, and the code that reads and tokenizes. Only data sets in
 * the built-in formats are kept: a reader of the user's own may read what its settings do not name.
 */
public final class TokenCache {

    private static final Logger LOG = LoggerFactory.getLogger(TokenCache.class);
    private static final String WEIGHTS = ".safetensors";

    private final InputCache cache;
    private final Supplier<String> code;
    private final Backends backends;

    /**
     * @param code hash of the code that reads and tokenizes
     * @param backends as for {@link ResolvedConfig}
     */
    public TokenCache(InputCache cache, Supplier<String> code, Backends backends) {
        this.cache = cache;
        this.code = code;
        this.backends = backends;
    }

    /**
     * The tokens of a data set.
     *
     * @param source its reader
     * @param tokenizer folder of the tokenizer
     * @param vocabularySize rows of the model's embedding
     * @param compute reads and tokenizes
     */
    public TokenizedText get(
            Object source,
            Path tokenizer,
            TokenizationSettings settings,
            int vocabularySize,
            Supplier<TokenizedText> compute) {
        if (cache.folder().isEmpty() || !(source instanceof Record reader) || !isBuiltIn(reader)) {
            return compute.get();
        }
        List<Path> files = new ArrayList<>();
        content(reader, files);
        if (files.size() != 1 || !Files.isReadable(files.get(0)) || !Files.isDirectory(tokenizer)) {
            return compute.get();
        }
        AtomicBoolean isComputed = new AtomicBoolean();
        TokenizedText text = cache.get(
                "tokens",
                () -> key(reader, tokenizer, settings, vocabularySize),
                new TokenFile(reader, files.get(0)),
                () -> {
                    isComputed.set(true);
                    return compute.get();
                });
        if (!isComputed.get()) {
            warnOfDropped(text.source(), text.report());
        }
        return text;
    }

    /** As reading and tokenization do. */
    private static void warnOfDropped(SourceProvenance source, TokenizationReport report) {
        if (!source.dropped().isEmpty()) {
            RowCounts counts = new RowCounts(source.read(), source.used(), source.skipped(), source.dropped());
            LOG.warn("{} ({})", counts, source.file());
        }
        if (!report.dropped().isEmpty()) {
            LOG.warn(
                    "{} examples, {} used, dropped: {} ({})",
                    report.examples(),
                    report.used(),
                    report.dropped(),
                    source.file());
        }
    }

    private static boolean isBuiltIn(Record reader) {
        return reader.getClass().getPackage().equals(HhRlhf.class.getPackage());
    }

    private String key(Record reader, Path tokenizer, TokenizationSettings settings, int vocabularySize) {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put("format", TokenFile.VERSION);
        key.put("code", code.get());
        key.put("tokenizers", HuggingFaceTokenizer.version());
        key.put("java", Runtime.version().feature());
        key.put("reader", reader.getClass().getName());
        key.put("data", content(reader, new ArrayList<>()));
        key.put("tokenizer", cache.at(tokenizer, name -> !name.endsWith(WEIGHTS)));
        key.put("settings", content(settings, new ArrayList<>()));
        key.put("vocabulary_size", vocabularySize);
        return Json.line(key);
    }

    /** The settings with the content of files in place of their names. */
    private Map<String, Object> content(Record settings, List<Path> files) {
        return ResolvedConfig.plain(settings, backends, file -> {
            files.add(file);
            return Path.of(Files.isRegularFile(file) ? cache.file(file).sha256() : "none");
        });
    }
}
