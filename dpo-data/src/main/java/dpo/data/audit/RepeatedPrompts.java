package dpo.data.audit;

import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import java.util.List;

/** Examples with a completion that repeats the preceding text at its beginning. */
final class RepeatedPrompts {

    private RepeatedPrompts() {}

    /** The ids of these examples. */
    static List<String> of(List<PreferenceExample> examples) {
        return examples.stream()
                .filter(RepeatedPrompts::repeats)
                .map(PreferenceExample::id)
                .toList();
    }

    private static boolean repeats(PreferenceExample example) {
        String last = last(example.prompt()).strip();
        return !last.isEmpty()
                && example.completions().stream()
                        .anyMatch(answer -> first(answer).strip().startsWith(last));
    }

    private static String last(Text prompt) {
        if (prompt instanceof Text.Conversation conversation) {
            List<Message> messages = conversation.messages();
            return messages.get(messages.size() - 1).content();
        }
        return prompt.readable();
    }

    private static String first(Text completion) {
        return completion instanceof Text.Conversation conversation
                ? conversation.messages().get(0).content()
                : completion.readable();
    }
}
