package dpo.data.example;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One message of a conversation, as chat templates see it.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool}, or a role that the template of
 *     the model knows; not blank
 * @param content what is said, as it stands in the data; may be empty
 */
public record Message(String role, String content) {

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

    /** The fields by name, in the order in which templates print them and walk through them. */
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        return fields;
    }
}
