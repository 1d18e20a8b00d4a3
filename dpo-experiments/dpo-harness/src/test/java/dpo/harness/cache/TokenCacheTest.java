package dpo.harness.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.data.example.PreferenceExample;
import dpo.data.format.HhRlhf;
import dpo.data.provenance.ReaderSettings;
import dpo.data.provenance.SourceProvenance;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.BoundaryDisagreement;
import dpo.data.tokenization.TokenizationReport;
import dpo.data.tokenization.TokenizationSettings;
import dpo.data.tokenization.Truncation;
import dpo.harness.config.Backends;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCacheTest {

    private static final TokenizationSettings SETTINGS = TokenizationSettings.standard();

    @TempDir
    Path folder;

    private Path data;
    private Path tokenizer;
    private String code = "1";
    private int computed;

    @BeforeEach
    void files() throws IOException {
        data = Files.writeString(folder.resolve("data.jsonl"), "rows");
        tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
        Files.writeString(tokenizer.resolve("tokenizer.json"), "{}");
        Files.writeString(tokenizer.resolve("model.safetensors"), "weights");
    }

    private HhRlhf reader() {
        return new HhRlhf(Rows.of(data));
    }

    /** Pairs, a ranked list with ratings in a group, and one label; sequences with several turns. */
    private static TokenizedText text(Record reader, Path file) {
        TokenSequence one = TokenSequence.of(new int[] {1, 2}, new int[] {3, 4, 5});
        TokenSequence two = TokenSequence.of(new int[] {1, 2}, new int[] {70_000});
        TokenSequence turns = new TokenSequence(new int[] {9, 8, 7, 6, 5}, List.of(new Span(1, 2), new Span(3, 5)));
        List<Preference> preferences = List.of(
                Preference.pair("row-1", one, two),
                new Preference(
                        "row-2/ä", List.of(turns, one, two), new Label(3, List.of(2.5, 1.0, -0.1), "group", 0.25)),
                new Preference("row-3", List.of(two), Label.desirable(false)));
        Map<String, Integer> dropped = new LinkedHashMap<>(Map.of("too_long", 2));
        dropped.put("equal_in_tokens", 1);
        TokenizationReport report = new TokenizationReport(
                6,
                3,
                1,
                dropped,
                Map.of("too_long", "row-5"),
                1,
                List.of(new BoundaryDisagreement("row-1", 2, "a\n", "\"b")));
        SourceProvenance source = new SourceProvenance(
                reader.getClass().getName(),
                ReaderSettings.of(reader),
                file.toString(),
                "00ff",
                8,
                6,
                0,
                Map.of("empty_completion", 2));
        return new TokenizedText(preferences, source, report, "hash");
    }

    private TokenizedText get(Object reader, Path tokenizer, TokenizationSettings settings, int vocabularySize) {
        TokenCache cache = new TokenCache(InputCache.in(folder.resolve("cache")), () -> code, Backends.onClassPath());
        return cache.get(reader, tokenizer, settings, vocabularySize, () -> {
            computed++;
            return text((Record) reader, data);
        });
    }

    private TokenizedText get() {
        return get(reader(), tokenizer, SETTINGS, 512);
    }

    private void requireComputed(int times) {
        get();
        assertThat(computed).isEqualTo(times);
        computed = 0;
    }

    @Test
    void tokens_provenance_and_counts_from_the_cache_are_those_of_tokenization() {
        TokenizedText first = get();
        TokenizedText later = get();
        assertThat(computed).isEqualTo(1);
        TokenizedText expected = text(reader(), data);
        assertThat(first).isEqualTo(expected);
        assertThat(later).isEqualTo(expected);
        assertThat(later.report().dropped().toString())
                .isEqualTo(expected.report().dropped().toString());
        assertThat(later.source().toJson()).isEqualTo(expected.source().toJson());
        assertThat(later.preferences().get(1).completions().get(0).ids()).containsExactly(9, 8, 7, 6, 5);
    }

    @Test
    void a_moved_file_is_not_tokenized_again_and_its_provenance_names_the_new_place() throws IOException {
        get();
        data = Files.move(data, folder.resolve("moved.jsonl"));
        assertThat(get()).isEqualTo(text(reader(), data));
        assertThat(computed).isEqualTo(1);
    }

    @Test
    void a_change_of_anything_that_decides_the_tokens_is_tokenized_again() throws IOException {
        requireComputed(1);
        Files.writeString(data, "other rows");
        requireComputed(1);
        Files.writeString(tokenizer.resolve("tokenizer.json"), "{ }");
        requireComputed(1);
        Files.writeString(tokenizer.resolve("chat_template.jinja"), "{{ messages }}");
        requireComputed(1);
        code = "2";
        requireComputed(1);
        get(new HhRlhf(Rows.of(data).limitedTo(7)), tokenizer, SETTINGS, 512);
        get(new HhRlhf(new Rows(data, 0, Optional.empty(), OnBadRow.SKIP)), tokenizer, SETTINGS, 512);
        get(reader(), tokenizer, SETTINGS.withLength(128, Truncation.DROP), 512);
        get(reader(), tokenizer, SETTINGS, 513);
        assertThat(computed).isEqualTo(4);
    }

    @Test
    void weights_beside_a_tokenizer_decide_nothing() throws IOException {
        requireComputed(1);
        Files.writeString(tokenizer.resolve("model.safetensors"), "other weights");
        requireComputed(0);
    }

    /** A reader that may read anything. */
    public record Own(Path path) implements PreferenceSource {

        @Override
        public Dataset<PreferenceExample> read() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void data_of_a_reader_that_is_not_built_in_are_not_kept() {
        get(new Own(data), tokenizer, SETTINGS, 512);
        get(new Own(data), tokenizer, SETTINGS, 512);
        assertThat(computed).isEqualTo(2);
    }

    @Test
    void every_changed_byte_and_every_shorter_file_is_noticed() throws IOException {
        TokenFile format = new TokenFile(reader(), data);
        Path file = folder.resolve("tokens");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            format.write(text(reader(), data), channel);
        }
        byte[] whole = Files.readAllBytes(file);
        assertThat(format.read(file)).isEqualTo(text(reader(), data));
        Path damaged = folder.resolve("damaged");
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= (byte) (1 << (i % 8));
            Files.write(damaged, changed);
            assertThatThrownBy(() -> format.read(damaged)).isInstanceOf(IOException.class);
            try (FileChannel channel = FileChannel.open(Files.write(damaged, whole), StandardOpenOption.WRITE)) {
                channel.truncate(i);
            }
            assertThatThrownBy(() -> format.read(damaged)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_damaged_file_is_tokenized_again() throws IOException {
        get();
        try (Stream<Path> all = Files.walk(folder.resolve("cache/tokens"))) {
            Path file = all.filter(path -> path.endsWith("value")).findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            bytes[3]++;
            Files.write(file, bytes);
        }
        assertThat(get()).isEqualTo(text(reader(), data));
        assertThat(computed).isEqualTo(2);
        requireComputed(2);
    }
}
