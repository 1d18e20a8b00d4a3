package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.example.PreferenceExample;
import dpo.data.row.Rows;
import dpo.data.source.PreferenceSource;
import dpo.data.source.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandardTest implements SourceContract {

    @Override
    public PreferenceSource source(Rows rows) {
        return new Standard(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5)
                .mapToObj(i -> "{\"prompt\": \"Q" + i + " café 👍\", \"chosen\": \" yes\", \"rejected\": \" no\"}")
                .toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("prompt", "chosen", "rejected");
    }

    private static PreferenceExample implicit(Path folder, String chosen, String rejected) throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.jsonl"), "{\"chosen\": \"" + chosen + "\", \"rejected\": \"" + rejected + "\"}");
        return new Standard(Rows.of(file)).read().examples().get(0);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            Is it? Yes,Is it? No,Is it?, Yes, No
            Is it? It was,Is it? It is,Is it? It, was, is
            Is it? better,Is it? best,Is it? be,tter,st
            Hm 👍,Hm 👎,Hm, 👍, 👎
            Hm:👍,Hm:👎,Hm:,👍,👎
            """)
    void an_implicit_prompt_ends_where_trl_ends_it(
            String chosen, String rejected, String prompt, String first, String second, @TempDir Path folder)
            throws IOException {
        PreferenceExample example = implicit(folder, chosen, rejected);
        assertThat(List.of(
                        example.prompt().readable(),
                        example.completions().get(0).readable(),
                        example.completions().get(1).readable()))
                .containsExactly(prompt, first, second);
    }

    @Test
    void a_text_that_is_a_prefix_of_the_other_has_no_boundary(@TempDir Path folder) {
        assertThatThrownBy(() -> implicit(folder, "Q: yes", "Q: yes, sure"))
                .hasMessageContainingAll("a prefix of the other", "row 1");
        assertThatThrownBy(() -> implicit(folder, "Q: yes", "Q: yes")).hasMessageContaining("got the same text twice");
    }

    @Test
    void texts_without_a_shared_beginning_have_no_prompt(@TempDir Path folder) {
        // In TRL the prompt of the first of these is "Yes", because Python's index -1 is the last character.
        assertThatThrownBy(() -> implicit(folder, "Yes ", "No")).hasMessageContaining("prompt must not be empty");
        assertThatThrownBy(() -> implicit(folder, " Yes", " No")).hasMessageContaining("prompt must not be empty");
    }
}
