package dpo.data.example;

import java.util.List;

/**
 * A prompt and a completion for supervised fine-tuning: one example of D_SFT.
 *
 * @param id name of the example in its data set
 * @param prompt the context x; not empty
 * @param completion the completion y, of the same kind as the prompt. A conversation ends with an assistant message,
 *     and none of its assistant messages is blank. It does not repeat the prompt at its beginning.
 */
public record CompletionExample(String id, Text prompt, Text completion) implements Prompted {

    public CompletionExample {
        requirePrompt(prompt);
        requireCompletion("completion", prompt, completion);
        requireNoRepetition("completion", prompt, completion);
    }

    static void requirePrompt(Text prompt) {
        if (prompt.isEmptyPrompt()) {
            throw new BadRowException(
                    "empty_prompt", "prompt must not be empty, got '" + Excerpt.of(prompt.readable()) + "'");
        }
    }

    static void requireNoRepetition(String name, Text prompt, Text completion) {
        if (completion.repeats(prompt)) {
            throw new BadRowException(
                    "prompt_repeated",
                    name + " must not repeat the prompt at its beginning, got '" + Excerpt.of(completion.readable())
                            + "'; remove the prompt from the completions,"
                            + " or, where chosen and rejected begin with the whole of it, remove the column prompt");
        }
    }

    static void requireCompletion(String name, Text prompt, Text completion) {
        if (completion.getClass() != prompt.getClass()) {
            throw new BadRowException(
                    "wrong_type",
                    name + " must be of the same kind as the prompt, got "
                            + completion.getClass().getSimpleName() + " after "
                            + prompt.getClass().getSimpleName());
        }
        if (completion.isEmptyCompletion()) {
            throw new BadRowException(
                    "empty_completion", name + " must not be empty, got '" + Excerpt.of(completion.readable()) + "'");
        }
        if (completion instanceof Text.Conversation conversation) {
            List<Message> messages = conversation.messages();
            Message last = messages.get(messages.size() - 1);
            if (!last.isAssistant()) {
                throw new BadRowException(
                        "last_turn_not_assistant",
                        name + " must end with an assistant message, got one of role " + Excerpt.of(last.role()));
            }
        }
    }
}
