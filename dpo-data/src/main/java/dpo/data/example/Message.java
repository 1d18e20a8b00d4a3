package dpo.data.example;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One message of a conversation, as chat templates see it.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool}, or a role that the template of
 *     the model knows; not blank
 * @param content what is said, as it stands in the data; may be empty
 * @param contentFirst whether the data name the content before the role, which templates that print a message show
 */
public record Message(String role, String content, boolean contentFirst) {

    /** The role whose messages are scored. */
    public static final String ASSISTANT = "assistant";

    /** The role of what is said about the conversation. */
    public static final String SYSTEM = "system";

    /** The role of the person. */
    public static final String USER = "user";

    public Message {
        if (role.isBlank()) {
            throw new BadRowException("empty_role", "role must not be blank, got '" + Excerpt.of(role) + "'");
        }
        WellFormed.text("role", role);
        WellFormed.text("content", content);
    }

    /** A message whose role is named first. */
    public Message(String role, String content) {
        this(role, content, false);
    }

    /** A message of the model. */
    public static Message assistant(String content) {
        return new Message(ASSISTANT, content);
    }

    /** A message of the person. */
    public static Message user(String content) {
        return new Message(USER, content);
    }

    /** Whether the message is the model's, hence scored where it stands in a completion. */
    public boolean isAssistant() {
        return role.equals(ASSISTANT);
    }

    /** This message with another content. */
    public Message withContent(String other) {
        return new Message(role, other, contentFirst);
    }

    /** The fields by name, in the order of the data: templates print them and walk through them in this order. */
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        if (contentFirst) {
            fields.put("content", content);
        }
        fields.put("role", role);
        fields.putIfAbsent("content", content);
        return fields;
    }

    /** As Python's dicts are equal: the order of the fields does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Message message && role.equals(message.role) && content.equals(message.content);
    }

    @Override
    public int hashCode() {
        return Objects.hash(role, content);
    }
}
