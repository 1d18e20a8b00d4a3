package dpo.data.example;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A prompt or a completion: messages for the model's chat template, or a string that is used unchanged.
 */
public sealed interface Text {

    /** Whether a prompt of this text is empty. */
    boolean isEmptyPrompt();

    /** Whether a completion of this text has a blank assistant turn, or none at all. */
    boolean isEmptyCompletion();

    /**
     * Whether this completion begins with the prompt, or with its last messages. White space at both ends of a text and
     * system messages before the repetition are ignored.
     */
    boolean repeats(Text prompt);

    /** Number of characters (UTF-16 units) of all texts. */
    int length();

    /** A readable form: the text, or messages as {@code role: content} lines. */
    String readable();

    /**
     * Messages, in order.
     *
     * @param messages the messages; may be empty here, but neither in a prompt nor in a completion of an example
     */
    record Conversation(List<Message> messages) implements Text {

        public Conversation {
            messages = List.copyOf(messages);
        }

        /** Number of scored messages of a completion. */
        public int turns() {
            return (int) messages.stream().filter(Message::isAssistant).count();
        }

        @Override
        public boolean isEmptyPrompt() {
            return messages.stream().allMatch(message -> message.content().isBlank());
        }

        @Override
        public boolean isEmptyCompletion() {
            return turns() == 0
                    || messages.stream()
                            .anyMatch(message ->
                                    message.isAssistant() && message.content().isBlank());
        }

        @Override
        public boolean repeats(Text prompt) {
            List<Message> before = prompt instanceof Conversation other ? other.messages : List.of();
            int system = 0;
            while (system < messages.size() && messages.get(system).role().equals(Message.SYSTEM)) {
                system++;
            }
            return beginsWithEndOf(before, 0) || (system > 0 && beginsWithEndOf(before, system));
        }

        private boolean beginsWithEndOf(List<Message> before, int from) {
            return IntStream.rangeClosed(1, Math.min(before.size(), messages.size() - from))
                    .anyMatch(shared -> IntStream.range(0, shared)
                            .allMatch(i -> isSame(before.get(before.size() - shared + i), messages.get(from + i))));
        }

        private static boolean isSame(Message one, Message another) {
            return one.role().equals(another.role())
                    && one.content().strip().equals(another.content().strip());
        }

        @Override
        public int length() {
            return messages.stream()
                    .mapToInt(message -> message.content().length())
                    .sum();
        }

        @Override
        public String readable() {
            return messages.stream()
                    .map(message -> message.role() + ": " + message.content())
                    .collect(Collectors.joining("\n"));
        }
    }

    /**
     * A string that no template changes.
     *
     * @param text the string, unchanged from the data
     */
    record Plain(String text) implements Text {

        public Plain {
            WellFormed.text("text", text);
        }

        @Override
        public boolean isEmptyPrompt() {
            return text.isEmpty();
        }

        @Override
        public boolean isEmptyCompletion() {
            return text.isBlank();
        }

        @Override
        public boolean repeats(Text prompt) {
            String before = prompt instanceof Plain other ? other.text.strip() : "";
            return !before.isEmpty() && text.stripLeading().startsWith(before);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public String readable() {
            return text;
        }
    }
}
