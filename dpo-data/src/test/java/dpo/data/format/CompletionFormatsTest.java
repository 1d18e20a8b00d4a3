package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.example.CompletionExample;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.row.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionFormatsTest {

    private static final String USER = "{\"role\": \"user\", \"content\": \"Hi\"}";
    private static final String ANSWER = "{\"role\": \"assistant\", \"content\": \"Yes\"}";

    private static Path file(Path folder, String... lines) throws IOException {
        return Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
    }

    private static List<CompletionExample> promptCompletion(Path file) {
        return new PromptCompletion(Rows.of(file)).read().examples();
    }

    private static List<CompletionExample> messages(Path file) {
        return new Messages(Rows.of(file)).read().examples();
    }

    @Test
    void a_prompt_and_its_completion_are_strings_or_messages(@TempDir Path folder) throws IOException {
        assertThat(promptCompletion(file(
                        folder,
                        "{\"prompt\": \"Hi\", \"completion\": \" Yes\"}",
                        "{\"prompt\": [" + USER + "], \"completion\": [" + ANSWER + "]}")))
                .containsExactly(
                        new CompletionExample("row-1", new Text.Plain("Hi"), new Text.Plain(" Yes")),
                        new CompletionExample(
                                "row-2",
                                new Text.Conversation(List.of(Message.user("Hi"))),
                                new Text.Conversation(List.of(Message.assistant("Yes")))));
        assertThatThrownBy(
                        () -> promptCompletion(file(folder, "{\"prompt\": \"Hi\", \"completion\": [" + ANSWER + "]}")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("completion must be a string, got a list", "row 1");
        assertThatThrownBy(() -> promptCompletion(file(folder, "{\"prompt\": \"Hi\", \"completion\": \" \"}")))
                .hasMessageContainingAll("completion must not be empty", "row 1");
    }

    @Test
    void the_prompt_of_messages_ends_before_the_first_assistant_message(@TempDir Path folder) throws IOException {
        CompletionExample example = messages(
                        file(folder, "{\"messages\": [" + String.join(",", USER, ANSWER, USER, ANSWER) + "]}"))
                .get(0);
        assertThat(example.prompt()).isEqualTo(new Text.Conversation(List.of(Message.user("Hi"))));
        assertThat(((Text.Conversation) example.completion()).turns()).isEqualTo(2);
        assertThatThrownBy(() -> messages(file(folder, "{\"messages\": [" + ANSWER + "]}")))
                .hasMessageContaining("prompt must not be empty");
        assertThatThrownBy(() -> messages(file(folder, "{\"messages\": [" + USER + "]}")))
                .hasMessageContaining("completion must not be empty");
    }

    @Test
    void formats_are_found_by_name() {
        assertThat(PreferenceFormats.all().keySet())
                .containsExactly(
                        "hh-rlhf", "standard", "conversational", "unpaired", "ranked", "pandalm", "rewardbench");
        assertThat(CompletionFormats.all().keySet()).containsExactly("prompt-completion", "messages");
    }
}
