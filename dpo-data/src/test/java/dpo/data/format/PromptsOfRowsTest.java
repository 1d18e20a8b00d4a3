package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.audit.DataAudit;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.source.OnBadRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The prompt of a row: it occurs once, is complete, and comes from the columns that belong to it. */
class PromptsOfRowsTest {

    private static final Map<String, String> MESSAGES = Map.of(
            "S", "{'role':'system','content':'Be brief.'}",
            "U", "{'role':'user','content':'Name a bird.'}",
            "V", "{'role':'user','content':'Another?'}",
            "A", "{'role':'assistant','content':'wren'}",
            "B", "{'role':'assistant','content':'brick'}");

    @TempDir
    Path folder;

    /** Single quotes represent double ones; S, U, V, A, B are messages of system, user and assistant. */
    private Path file(String... rows) {
        String text = Pattern.compile("\\b[SUVAB]\\b")
                .matcher(String.join("\n", rows))
                .replaceAll(letter -> MESSAGES.get(letter.group()))
                .replace('\'', '"');
        try {
            return Files.writeString(folder.resolve("rows.jsonl"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Dataset<PreferenceExample> read(String format, Path file, OnBadRow policy) {
        return switch (format) {
            case "conversational" -> new Conversational(new Rows(file, 0, Optional.empty(), policy)).read();
            case "standard" -> new Standard(new Rows(file, 0, Optional.empty(), policy)).read();
            case "unpaired" -> new Unpaired(new Rows(file, 0, Optional.empty(), policy)).read();
            case "hh-rlhf" -> new HhRlhf(new Rows(file, 0, Optional.empty(), policy)).read();
            default -> new Ranked(new Rows(file, 0, Optional.empty(), policy), Ranked.Pairs.NONE).read();
        };
    }

    private PreferenceExample only(String format, String row) {
        return read(format, file(row), OnBadRow.FAIL).examples().get(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            conversational | {'prompt': [U], 'chosen': [U, A], 'rejected': [U, B]}
            conversational | {'prompt': [S, U], 'chosen': [U, A], 'rejected': [U, B]}
            conversational | {'prompt': [U], 'chosen': [S, U, A], 'rejected': [S, U, B]}
            conversational | {'prompt': [U, A, V], 'chosen': [U, A, V, A], 'rejected': [U, A, V, B]}
            conversational | {'prompt': [S, U, A, V], 'chosen': [U, A, V, A], 'rejected': [B]}
            conversational | {'prompt': [S, U, A, V], 'chosen': [A], 'rejected': [V, B]}
            standard       | {'prompt': 'Name a bird:', 'chosen': 'Name a bird: wren', 'rejected': 'Name a bird: brick'}
            standard       | {'prompt': 'Name a bird: ', 'chosen': ' Name a bird: wren', 'rejected': 'brick'}
            unpaired       | {'prompt': [U], 'completion': [U, A], 'label': true}
            unpaired       | {'prompt': 'bird:', 'completion': 'bird: brick', 'label': false}
            ranked         | {'prompt': [S, U], 'completions': [[A], [U, B]], 'ranks': [1, 2]}
            ranked         | {'prompt': 'bird:', 'completions': [' brick', 'bird: wren'], 'ratings': [1, 2]}
            """)
    void a_completion_that_begins_with_the_prompt_is_bad_and_counted(String format, String row) {
        assertThatThrownBy(() -> read(format, file(row), OnBadRow.FAIL))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "must not repeat the prompt", "remove the prompt from the completions", "row 1");
        assertThatThrownBy(() -> read(format, file(row), OnBadRow.SKIP))
                .hasMessageContainingAll("prompt_repeated 1", "prompt_repeated, first in row 1");
    }

    @Test
    void user_and_assistant_turns_in_a_completion_are_not_a_repeated_prompt() {
        assertThat(only("conversational", "{'prompt': [U], 'chosen': [A, U, B], 'rejected': [B, V, A]}")
                        .completions())
                .hasSize(2);
    }

    @Test
    void a_worse_string_may_begin_with_the_prompt_and_the_audit_counts_it() {
        Path file = file(
                "{'prompt': 'bird:', 'chosen': ' wren', 'rejected': 'bird: bird: bird:'}",
                "{'prompt': 'bird:', 'chosen': ' wren', 'rejected': ' brick'}");
        DataAudit audit = DataAudit.of(read("standard", file, OnBadRow.FAIL));
        assertThat(audit.repeating()).containsExactly("row-1");
        assertThat(audit.report()).contains("completions with prompt 1, e.g. row-1");
    }

    @Test
    void a_string_prompt_of_conversations_must_repeat_one_of_their_messages() {
        String rest = "'chosen': [S, U, A], 'rejected': [S, U, B], 'messages': [S, U, A]}";
        assertThat(only("conversational", "{'prompt': 'Name a bird.', " + rest))
                .isEqualTo(only("conversational", "{" + rest));
        assertThatThrownBy(() -> only("conversational", "{'prompt': 'Name a fish.', " + rest))
                .hasMessageContainingAll("prompt, a string, must repeat a message", "Name a fish.", "row 1");
        assertThat(Prompts.read(file("{'prompt': 'Name a bird.', " + rest))
                        .get(0)
                        .prompt()
                        .readable())
                .isEqualTo("system: Be brief.\nuser: Name a bird.");
    }

    @Test
    void a_null_or_empty_prompt_is_absent() {
        String rest = "'chosen': [U, A], 'rejected': [U, B]}";
        for (String empty : new String[] {"null", "''", "[]"}) {
            assertThat(only("conversational", "{'prompt': " + empty + ", " + rest))
                    .isEqualTo(only("conversational", "{" + rest));
        }
    }

    @Test
    void a_null_or_empty_key_of_a_message_is_absent() {
        String padded =
                "{'role':'user','content':'Name a bird.','tool_calls':null,'name':'','tools':[],'x':{'y':null}}";
        assertThat(only("conversational", "{'prompt': [" + padded + "], 'chosen': [A], 'rejected': [B]}"))
                .isEqualTo(only("conversational", "{'prompt': [U], 'chosen': [A], 'rejected': [B]}"));
        assertThatThrownBy(() -> only(
                        "conversational",
                        "{'prompt': [" + padded.replace("''", "'Ann'") + "], 'chosen': [A], 'rejected': [B]}"))
                .hasMessageContaining("prompt[0] must hold role and content only, got the key name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            standard       | question    | {'question': 'Colour?', 'chosen': 'It is blue', 'rejected': 'It is red'}
            standard       | instruction | {'instruction': 'Hi?', 'input': '', 'chosen': 'Hello.', 'rejected': 'No.'}
            conversational | documents   | {'prompt': [U], 'chosen': [A], 'rejected': [B], 'documents': [{'text': 'x'}]}
            conversational | System      | {'System': 'x', 'chosen': [A], 'rejected': [B]}
            unpaired       | Chat-History | {'prompt': 'q:', 'completion': 'a', 'label': true, 'Chat-History': [U]}
            ranked         | video_url   | {'prompt': 'q:', 'completions': ['a', 'b'], 'ranks': [1, 2], 'video_url': 'v'}
            hh-rlhf        | prompt      | {'prompt': 'q', 'chosen': '\\n\\nHuman: h\\n\\nAssistant: a', 'rejected': '\\n\\nHuman: h\\n\\nAssistant: b'}
            """)
    void the_error_for_an_unread_prompt_column_names_it(String format, String column, String row) {
        assertThatThrownBy(() -> read(format, file(row), OnBadRow.FAIL))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        column + " must be absent or empty",
                        "belongs to the prompt",
                        "else remove or rename the column",
                        "row 1");
    }

    @Test
    void a_column_that_repeats_a_part_of_the_prompt_and_a_number_are_accepted() {
        Path file = file("{'prompt': [S, U], 'chosen': [A], 'rejected': [B], 'system': 'Be brief.', 'question':"
                + " 'Name a bird.', 'context': 7, 'score': 0.5}");
        Dataset<PreferenceExample> data = read("conversational", file, OnBadRow.FAIL);
        assertThat(data.reading().unread().keySet()).containsExactly("system", "question", "context", "score");
        assertThat(DataAudit.of(data).report())
                .contains("columns not read        system (1), question (1), context (1), score (1)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            standard       | a list of messages; messages are read by format conversational | {'chosen': [A], 'rejected': [B]}
            conversational | a string; strings are read by format standard | {'chosen': 'a', 'rejected': 'b'}
            """)
    void the_error_names_the_format_for_the_shape_of_the_file(String format, String found, String row) {
        assertThatThrownBy(() -> read(format, file(row), OnBadRow.FAIL)).hasMessageContainingAll(found, "row 1");
    }
}
