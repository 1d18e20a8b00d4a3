package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.DataException;
import dpo.data.example.CompletionExample;
import dpo.data.example.PreferenceExample;
import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import dpo.data.row.Rows;
import dpo.data.source.CompletionSource;
import dpo.data.source.Dataset;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.source.RowCounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every reader returns examples and counts of all entries, or fails with the name of the file, whatever it contains. */
class ReaderFuzzIT {

    private static final String U = "{\"role\": \"user\", \"content\": \"Name a bird \ud83d\udc4d.\"}";
    private static final String A = "{\"role\": \"assistant\", \"content\": \"A wren.\", \"tool_calls\": null}";
    private static final String B = "{\"role\": \"assistant\", \"content\": \"A brick.\"}";

    @TempDir
    Path folder;

    /** The result of a reading: examples and counts. */
    private record Read(List<?> examples, RowCounts counts) {

        static Read of(PreferenceSource source) {
            Dataset<PreferenceExample> data = source.read();
            return new Read(data.examples(), data.counts());
        }

        static Read of(CompletionSource source) {
            Dataset<CompletionExample> data = source.read();
            return new Read(data.examples(), data.counts());
        }

        static Read ofPrompts(Path file) {
            List<Prompts.Named> prompts = Prompts.read(file);
            return new Read(prompts, new RowCounts(prompts.size(), prompts.size(), 0, Map.of()));
        }
    }

    /** A reader, whether each of its rows is one entry, and valid rows. */
    private enum Reader {
        STANDARD(
                true,
                (file, policy) -> Read.of(new Standard(new Rows(file, 0, Optional.empty(), policy))),
                "{'prompt': 'Name a bird:', 'chosen': ' A wren.', 'rejected': ' A brick.', 'score': 3}"
                        + "~{'chosen': 'Hi there', 'rejected': 'Hi you', 'prompt': null}"),
        CONVERSATIONAL(
                true,
                (file, policy) -> Read.of(new Conversational(new Rows(file, 0, Optional.empty(), policy))),
                "{'prompt': [U], 'chosen': [A], 'rejected': [B], 'tools': []}"
                        + "~{'chosen': [U, A], 'rejected': [U, B, U, A]}"
                        + "~{'prompt': 'Name a bird', 'chosen': [U, A], 'rejected': [U, B]}"),
        RATED(
                true,
                (file, policy) -> Read.of(new Conversational(
                        new Rows(file, 0, Optional.empty(), policy),
                        new RatingColumns(Optional.of("good"), Optional.of("bad")))),
                "{'prompt': [U], 'chosen': [A], 'rejected': [B], 'good': 8.5, 'bad': 3}"),
        UNPAIRED(
                true,
                (file, policy) -> Read.of(new Unpaired(new Rows(file, 0, Optional.empty(), policy))),
                "{'prompt': [U], 'completion': [A], 'label': true}"
                        + "~{'prompt': 'Name a bird:', 'completion': ' A wren.', 'label': false}"),
        RANKED(
                true,
                (file, policy) -> Read.of(new Ranked(new Rows(file, 0, Optional.empty(), policy), Ranked.Pairs.NONE)),
                "{'prompt': 'Q:', 'completions': [' a', ' b', ' c'], 'ratings': [1, 3.5, 2]}"
                        + "~{'prompt': [U], 'completions': [[A], [B]], 'ranks': [2, 1]}"),
        RANKED_AS_PAIRS(
                false,
                (file, policy) -> Read.of(new Ranked(new Rows(file, 0, Optional.empty(), policy), Ranked.Pairs.ALL)),
                RANKED.rows),
        HH(
                true,
                (file, policy) -> Read.of(new HhRlhf(new Rows(file, 0, Optional.empty(), policy))),
                "{'chosen': '\\n\\nHuman: Hi\\n\\nAssistant: Yes', 'rejected': '\\n\\nHuman: Hi\\n\\nAssistant: No'}"),
        PANDALM(
                false,
                (file, policy) -> Read.of(new PandaLm(new Rows(file, 0, Optional.empty(), policy))),
                "{'idx': 0, 'instruction': 'Do it.', 'input': 'x', 'response1': 'one', 'response2': 'two',"
                        + " 'annotator1': 1, 'annotator2': 2, 'annotator3': 0}"),
        REWARDBENCH(
                true,
                (file, policy) -> Read.of(new RewardBench(new Rows(file, 0, Optional.empty(), policy))),
                "{'prompt': 'Q', 'chosen': 'one', 'rejected': 'two', 'subset': 'refusals', 'id': 1}"),
        MESSAGES(
                true,
                (file, policy) -> Read.of(new Messages(new Rows(file, 0, Optional.empty(), policy))),
                "{'messages': [U, A, U, B]}"),
        PROMPT_COMPLETION(
                true,
                (file, policy) -> Read.of(new PromptCompletion(new Rows(file, 0, Optional.empty(), policy))),
                "{'prompt': 'Q:', 'completion': ' a'}~{'prompt': [U], 'completion': [A]}"),
        PROMPTS(true, (file, policy) -> Read.ofPrompts(file), "{'prompt': 'Q:'}~{'prompt': [U]}");

        private final boolean entryPerRow;
        private final BiFunction<Path, OnBadRow, Read> reading;
        private final String rows;

        Reader(boolean entryPerRow, BiFunction<Path, OnBadRow, Read> reading, String rows) {
            this.entryPerRow = entryPerRow;
            this.reading = reading;
            this.rows = rows;
        }

        Read read(Path file, OnBadRow policy) {
            return reading.apply(file, policy);
        }

        /** Each of the rows repeated: in lines, in lines with carriage returns and blank lines, and in an array. */
        List<byte[]> corpus() {
            return Arrays.stream(rows.split("~"))
                    .map(row -> row.replace('\'', '"')
                            .replace("U", U)
                            .replace("A]", A + "]")
                            .replace("A,", A + ",")
                            .replace("B]", B + "]")
                            .replace("B,", B + ","))
                    .flatMap(row -> Stream.of(
                            row + "\n" + row + "\n" + row + "\n",
                            row + "\r\n\r\n" + row + "\r\n" + row,
                            "[" + row + ",\n" + row + "]\n"))
                    .map(text -> text.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_corpus_is_valid(Reader reader) throws IOException {
        for (byte[] valid : reader.corpus()) {
            Path file = Files.write(folder.resolve("valid.json"), valid);
            assertThat(reader.read(file, OnBadRow.FAIL).examples()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_damaged_file_yields_counted_rows_or_an_error_that_names_it(Reader reader) {
        new Campaign(reader.ordinal() + 1, reader.corpus()).run(200, Mutator::any, mutant -> check(reader, mutant));
    }

    @Test
    void a_damaged_gzip_file_yields_counted_rows_or_an_error_that_names_it() {
        List<byte[]> packed =
                Reader.STANDARD.corpus().stream().map(ReaderFuzzIT::gzip).toList();
        new Campaign(99, packed).run(300, Mutator::bytes, mutant -> check(Reader.STANDARD, mutant));
    }

    private void check(Reader reader, byte[] mutant) throws IOException {
        Path file = Files.write(folder.resolve("mutant.json"), mutant);
        Optional<Read> skipped = read(reader, file, OnBadRow.SKIP);
        Optional<Read> strict = read(reader, file, OnBadRow.FAIL);
        if (skipped.isPresent() && reader.entryPerRow && mutant[0] == '{') {
            assertThat(skipped.get().counts().read()).isEqualTo(rows(mutant));
        }
        if (strict.isPresent()) {
            assertThat(skipped).isEqualTo(strict);
        }
    }

    private static Optional<Read> read(Reader reader, Path file, OnBadRow policy) {
        try {
            return Optional.of(reader.read(file, policy));
        } catch (DataException e) {
            assertThat(e.getMessage()).contains(file.toString()).hasSizeLessThan(4000);
            return Optional.empty();
        }
    }

    /** Lines that are not blank. */
    private static int rows(byte[] mutant) {
        String text = new String(mutant, StandardCharsets.ISO_8859_1);
        return (int) Arrays.stream(text.split("\n"))
                .filter(line -> !line.matches("[ \t\r]*"))
                .count();
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
