package dpo.data.example;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A prompt or a completion: messages to be rendered by the chat template of the model, or a string taken as it is.
 */
public sealed interface Text {

    /** Whether a prompt of this text says nothing. */
    boolean isEmptyPrompt();

    /** Whether a completion of this text has an answer that says nothing, or none at all. */
    boolean isEmptyCompletion();

    /**
     * Whether this completion begins with the prompt, or with the last messages of the prompt. White space at both ends
     * of a text, and system messages before the repetition, are ignored.
     */
    boolean repeats(Text prompt);

    /** Number of characters (UTF-16 units) of all that is said. */
    int length();

    /** For people: the text, messages as {@code role: content} lines. */
    String readable();

    /**
     * Messages, in order.
     *
     * @param messages may be empty, though neither prompt nor completion of an example may
     */
    record Conversation(List<Message> messages) implements Text {

        public Conversation {
            messages = List.copyOf(messages);
        }

        /** Number of messages that are scored where this is a completion. */
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
                    || messages.stream().anyMatch(message -> message.isAssistant() && message.content().isBlank());
        }

        @Override
        public boolean repeats(Text prompt) {
            List<Message> before = prompt instanceof Conversation other ? other.messages : List.of();
            int system = 0;
            while (system < messages.size() && messages.get(system).role().equals(Message.SYSTEM)) {
                system++;
            }
            return beginsWithEndOf(before, 0) || system > 0 && beginsWithEndOf(before, system);
        }

        private boolean beginsWithEndOf(List<Message> before, int from) {
            return IntStream.rangeClosed(1, Math.min(before.size(), messages.size() - from))
                    .anyMatch(shared -> IntStream.range(0, shared).allMatch(i ->
                            isSame(before.get(before.size() - shared + i), messages.get(from + i))));
        }

        private static boolean isSame(Message one, Message another) {
            return one.role().equals(another.role()) && one.content().strip().equals(another.content().strip());
        }

        @Override
        public int length() {
            return messages.stream().mapToInt(message -> message.content().length()).sum();
        }

        @Override
        public String readable() {
            return messages.stream()
                    .map(message -> message.role() + ": " + message.content())
                    .collect(Collectors.joining("\n"));
        }
    }

    /**
     * A string that no template touches.
     *
     * @param text as it stands in the data
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
