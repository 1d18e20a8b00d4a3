package dpo.data.example;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One message of a conversation, as chat templates receive it.
 *
 * @param role the speaker: {@code system}, {@code user}, {@code assistant}, {@code tool}, or a role that the template
 *     of the model supports; not blank
 * @param content the text, unchanged from the data; may be empty
 * @param contentFirst whether content precedes role in the data, which is visible in templates that print a message
 */
public record Message(String role, String content, boolean contentFirst) {

    /** The role whose messages are scored. */
    public static final String ASSISTANT = "assistant";

    /** The role of instructions about the conversation. */
    public static final String SYSTEM = "system";

    /** The role of the user. */
    public static final String USER = "user";

    public Message {
        if (role.isBlank()) {
            throw new BadRowException("empty_role", "role must not be blank, got '" + Excerpt.of(role) + "'");
        }
        WellFormed.text("role", role);
        WellFormed.text("content", content);
    }

    /** A message whose role precedes its content. */
    public Message(String role, String content) {
        this(role, content, false);
    }

    /** A message of the model. */
    public static Message assistant(String content) {
        return new Message(ASSISTANT, content);
    }

    /** A message of the user. */
    public static Message user(String content) {
        return new Message(USER, content);
    }

    /** Whether the message is the model's, so it is scored in a completion. */
    public boolean isAssistant() {
        return role.equals(ASSISTANT);
    }

    /** This message with another content. */
    public Message withContent(String other) {
        return new Message(role, other, contentFirst);
    }

    /** The fields by name, in the order of the data, which is the order in which templates print and iterate them. */
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        if (contentFirst) {
            fields.put("content", content);
        }
        fields.put("role", role);
        fields.putIfAbsent("content", content);
        return fields;
    }

    /** Equality of Python's dicts: the order of the fields does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Message message && role.equals(message.role) && content.equals(message.content);
    }

    @Override
    public int hashCode() {
        return Objects.hash(role, content);
    }
}
