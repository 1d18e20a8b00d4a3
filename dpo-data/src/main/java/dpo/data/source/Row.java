package dpo.data.source;

import dpo.data.example.BadRowException;
import dpo.data.example.Message;
import dpo.data.example.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * A row of a file, a JSON object, with typed access to its fields.
 *
 * @param number its line in a JSON Lines file or its place in an array, from 1
 * @param json the object
 */
public record Row(int number, JsonNode json) {

    public Row {
        if (!json.isObject()) {
            throw new BadRowException("wrong_type", "row must be a JSON object, got " + kind(json));
        }
    }

    /** The name of the example of this row: {@code row-} and its number. */
    public String id() {
        return "row-" + number;
    }

    /** Whether the field is there; a null counts as absent. */
    public boolean has(String field) {
        JsonNode value = json.get(field);
        return value != null && !value.isNull();
    }

    /** A field that must be a string. */
    public String text(String field) {
        return string(field, required(field));
    }

    /** A field that must be a whole number. */
    public int integer(String field) {
        JsonNode value = required(field);
        if (!value.isInt()) {
            throw new BadRowException("wrong_type", field + " must be a whole number, got " + kind(value));
        }
        return value.intValue();
    }

    /** A field that must be a finite number. */
    public double real(String field) {
        return real(field, required(field));
    }

    /** A field that must be a list of finite numbers. */
    public List<Double> reals(String field) {
        return list(field, required(field), "numbers", Row::real);
    }

    /** A field that must be true or false. */
    public boolean truth(String field) {
        JsonNode value = required(field);
        if (!value.isBoolean()) {
            throw new BadRowException("wrong_type", field + " must be true or false, got " + kind(value));
        }
        return value.booleanValue();
    }

    /**
     * A field that must be a list of messages, each with {@code role} and {@code content} and nothing else: a further
     * field (tool calls, a name, thinking) would change what a chat template renders, so it is refused, not ignored.
     */
    public List<Message> messages(String field) {
        return messages(field, required(field));
    }

    /** A field that must be a string, as a text without template. */
    public Text plain(String field) {
        return new Text.Plain(text(field));
    }

    /** A field that must be a list of messages, as a conversation. */
    public Text conversation(String field) {
        return new Text.Conversation(messages(field));
    }

    /** A field that must be a list of strings, as texts without template. */
    public List<Text> plains(String field) {
        return list(field, required(field), "strings", (where, item) -> new Text.Plain(string(where, item)));
    }

    /** A field that must be a list of lists of messages, as conversations. */
    public List<Text> conversations(String field) {
        return list(
                field,
                required(field),
                "lists of messages",
                (where, item) -> new Text.Conversation(messages(where, item)));
    }

    /** Refuses a row with one of these fields, since leaving it aside would change what is trained on. */
    public void refuse(List<String> fields) {
        for (String field : fields) {
            if (has(field)) {
                throw new BadRowException("unsupported_field", field + " must be absent or null, got "
                        + kind(json.get(field)));
            }
        }
    }

    private JsonNode required(String field) {
        JsonNode value = json.get(field);
        if (value == null) {
            throw new BadRowException("missing_field", field + " must be given, got fields " + json.propertyNames());
        }
        return value;
    }

    private static <T> List<T> list(
            String where, JsonNode value, String of, BiFunction<String, JsonNode, ? extends T> item) {
        if (!value.isArray()) {
            throw new BadRowException("wrong_type", where + " must be a list of " + of + ", got " + kind(value));
        }
        List<T> items = new ArrayList<>();
        for (JsonNode each : value) {
            items.add(item.apply(where + "[" + items.size() + "]", each));
        }
        return items;
    }

    private static double real(String where, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw new BadRowException("wrong_type", where + " must be a finite number, got " + kind(value));
        }
        return value.doubleValue();
    }

    private static List<Message> messages(String where, JsonNode value) {
        return list(where, value, "messages", Row::message);
    }

    private static Message message(String where, JsonNode message) {
        if (!message.isObject()) {
            throw new BadRowException("wrong_type", where + " must be a message with role and content, got "
                    + kind(message));
        }
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            if (!field.getKey().equals("role") && !field.getKey().equals("content")) {
                throw new BadRowException("unsupported_field",
                        where + " must hold role and content only, got the field " + field.getKey());
            }
        }
        return new Message(string(where, message, "role"), string(where, message, "content"));
    }

    private static String string(String where, JsonNode message, String field) {
        JsonNode value = message.get(field);
        if (value == null) {
            throw new BadRowException("missing_field", where + "." + field + " must be given, got none");
        }
        return string(where + "." + field, value);
    }

    private static String string(String where, JsonNode value) {
        if (!value.isString()) {
            throw new BadRowException("wrong_type", where + " must be a string, got " + kind(value));
        }
        return value.stringValue();
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "a string";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> "the boolean " + value;
            case NULL -> "null";
            default -> value.getNodeType().toString();
        };
    }
}
