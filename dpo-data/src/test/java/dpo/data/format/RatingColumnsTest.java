package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dpo.data.example.PreferenceExample;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.source.RowCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ratings of chosen and rejected, in both formats of pairs that can have them. */
class RatingColumnsTest {

    private interface Reader {
        PreferenceSource of(Path file, OnBadRow onBadRow, Optional<String> chosen, Optional<String> rejected);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void ratings_are_read_if_their_columns_are_named_and_must_agree_with_the_order(
            Reader format, String row, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.jsonl"),
                String.join(
                        "\n",
                        row.formatted(", \"s_c\": 8.5, \"s_r\": 3"),
                        row.formatted(", \"s_c\": 4, \"s_r\": 4.0"),
                        row.formatted(", \"s_c\": 3, \"s_r\": 4"),
                        row.formatted(", \"s_c\": 3"),
                        row.formatted(", \"s_c\": 3, \"s_r\": \"2\"")));
        Dataset<PreferenceExample> data = format.of(file, OnBadRow.SKIP, Optional.of("s_c"), Optional.of("s_r"))
                .read();
        assertThat(data.examples())
                .extracting(PreferenceExample::id, PreferenceExample::ratings)
                .containsExactly(tuple("row-1", List.of(8.5, 3.0)), tuple("row-2", List.of(4.0, 4.0)));
        assertThat(data.counts())
                .isEqualTo(new RowCounts(5, 2, 0, Map.of("ratings_disagree", 1, "missing_field", 1, "wrong_type", 1)));
        assertThat(format.of(file, OnBadRow.FAIL, Optional.empty(), Optional.empty())
                        .read()
                        .examples())
                .hasSize(5)
                .allSatisfy(example -> assertThat(example.ratings()).isEmpty());
        assertThatThrownBy(() -> format.of(file, OnBadRow.SKIP, Optional.of("s_c"), Optional.empty()))
                .hasMessage("chosen_rating_field must be given with rejected_rating_field, got s_c alone");
    }

    static Stream<Arguments> formats() {
        Reader standard = (file, bad, chosen, rejected) ->
                new Standard(new Rows(file, 0, Optional.empty(), bad), new RatingColumns(chosen, rejected));
        Reader conversational = (file, bad, chosen, rejected) ->
                new Conversational(new Rows(file, 0, Optional.empty(), bad), new RatingColumns(chosen, rejected));
        return Stream.of(
                Arguments.of(standard, "{\"prompt\": \"Q\", \"chosen\": \" yes\", \"rejected\": \" no\"%s}"),
                Arguments.of(
                        conversational,
                        "{\"prompt\": [" + message("user", "Q") + "], \"chosen\": [" + message("assistant", "yes")
                                + "], \"rejected\": [" + message("assistant", "no") + "]%s}"));
    }

    private static String message(String role, String content) {
        return "{\"role\": \"" + role + "\", \"content\": \"" + content + "\"}";
    }
}
