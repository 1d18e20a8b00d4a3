package dpo.data.row;

import dpo.data.example.BadRowException;
import dpo.data.example.Excerpt;
import dpo.data.example.Message;
import dpo.data.example.Text;
import dpo.data.example.WellFormed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * A row of a file, a JSON object, with typed access to its columns. A null, an empty string and an empty list count as
 * absent, because Python's {@code datasets} fills missing columns with them.
 *
 * <p>A row records which of its columns have been read. An unread column whose name belongs to the prompt ({@code
 * system}, {@code tools}, {@code images}, {@code question}, …) makes the row a bad one, see {@link Rows}.
 */
public final class Row {

    private final int number;
    private final JsonNode json;
    private final Set<String> read = new HashSet<>(); // Used for membership tests only.

    /**
     * @param number its line in a JSON Lines file or its position in an array, from 1
     * @param json the object
     */
    Row(int number, JsonNode json) {
        if (!json.isObject()) {
            throw new BadRowException("wrong_type", "row must be a JSON object, got " + kind(json));
        }
        this.number = number;
        this.json = json;
    }

    /** The row's line in a JSON Lines file or its position in an array, from 1. */
    public int number() {
        return number;
    }

    /** The id of the example of this row: {@code row-} and its number. */
    public String id() {
        return "row-" + number;
    }

    /** Whether the column exists and is not empty. */
    public boolean has(String column) {
        read.add(column);
        return json.has(column) && !PromptColumns.isAbsent(json.get(column));
    }

    /** Whether the column holds a string. */
    public boolean isText(String column) {
        read.add(column);
        return json.path(column).isString();
    }

    /** Whether the column holds a list of messages, objects with a role. */
    public boolean isMessages(String column) {
        read.add(column);
        return isMessages(json.path(column));
    }

    /** A column that must be a string. */
    public String text(String column) {
        return string(column, required(column));
    }

    /** A column that must be a whole number. */
    public int integer(String column) {
        JsonNode value = required(column);
        if (!value.isInt()) {
            throw new BadRowException("wrong_type", column + " must be a whole number, got " + kind(value));
        }
        return value.intValue();
    }

    /** A column that must be a finite number. */
    public double real(String column) {
        return real(column, required(column));
    }

    /** A column that must be a list of finite numbers. */
    public List<Double> reals(String column) {
        return list(column, required(column), "numbers", Row::real);
    }

    /** A column that must be true or false. */
    public boolean truth(String column) {
        JsonNode value = required(column);
        if (!value.isBoolean()) {
            throw new BadRowException("wrong_type", column + " must be true or false, got " + kind(value));
        }
        return value.booleanValue();
    }

    /**
     * A column that must be a list of messages, each with {@code role} and {@code content}. Any other key that is not
     * null or empty (tool calls, a name, thinking) is refused, because it would change the rendering of a chat
     * template.
     */
    public List<Message> messages(String column) {
        return messages(column, required(column));
    }

    /** A column that must be a string, as a text without template. */
    public Text plain(String column) {
        return new Text.Plain(text(column));
    }

    /** A column that must be a list of messages, as a conversation. */
    public Text conversation(String column) {
        return new Text.Conversation(messages(column));
    }

    /** A column that must be a list of strings, as texts without template. */
    public List<Text> plains(String column) {
        return list(column, required(column), "strings", (where, item) -> new Text.Plain(string(where, item)));
    }

    /** A column that must be a list of lists of messages, as conversations. */
    public List<Text> conversations(String column) {
        return list(
                column,
                required(column),
                "lists of messages",
                (where, item) -> new Text.Conversation(messages(where, item)));
    }

    /** The columns that are not empty and have not been read, in the order of the row. */
    List<String> unread() {
        return json.propertyStream()
                .filter(column -> !read.contains(column.getKey()) && !PromptColumns.isAbsent(column.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Refuses a row with an unread column that belongs to the prompt, unless it repeats a part of the prompt.
     *
     * @param prompts the prompts of the row's examples; may be empty
     * @throws BadRowException if there is such a column
     */
    public void requirePromptRead(List<Text> prompts) {
        for (String name : unread()) {
            JsonNode value = json.get(name);
            boolean hasContent = !value.isNumber() && !value.isBoolean();
            if (hasContent && PromptColumns.contain(name) && !isCopy(value, prompts)) {
                throw new BadRowException(
                        "unsupported_field",
                        name + " must be absent or empty, since a column of this name belongs to the prompt and this"
                                + " format does not read it, got " + kind(value) + "; put it into a column that the"
                                + " format reads if the model should see it, else remove or rename the column");
            }
        }
    }

    private static boolean isCopy(JsonNode value, List<Text> prompts) {
        return value.isString()
                && !prompts.isEmpty()
                && prompts.stream().allMatch(prompt -> prompt.readable()
                        .contains(value.stringValue().strip()));
    }

    private JsonNode required(String column) {
        read.add(column);
        JsonNode value = json.get(column);
        if (value == null || value.isNull()) {
            throw new BadRowException(
                    "missing_field",
                    column + " must be given, got "
                            + (value == null
                                    ? "the columns "
                                            + Excerpt.of(json.propertyNames().toString())
                                    : "null"));
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
            throw new BadRowException(
                    "wrong_type", where + " must be a message with role and content, got " + kind(message));
        }
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            boolean known = field.getKey().equals("role") || field.getKey().equals("content");
            if (!known && !PromptColumns.isAbsent(field.getValue())) {
                throw new BadRowException(
                        "unsupported_field",
                        where + " must hold role and content only, got the key " + Excerpt.of(field.getKey()));
            }
        }
        List<String> order = List.copyOf(message.propertyNames());
        return new Message(
                string(where, message, "role"),
                string(where, message, "content"),
                order.indexOf("content") < order.indexOf("role"));
    }

    private static String string(String where, JsonNode message, String field) {
        JsonNode value = message.get(field);
        if (value == null || value.isNull()) {
            throw new BadRowException(
                    "missing_field", where + "." + field + " must be given, got " + (value == null ? "none" : "null"));
        }
        return string(where + "." + field, value);
    }

    private static String string(String where, JsonNode value) {
        if (!value.isString()) {
            throw new BadRowException("wrong_type", where + " must be a string, got " + kind(value));
        }
        return WellFormed.text(where, value.stringValue());
    }

    private static boolean isMessages(JsonNode value) {
        return value.isArray() && !value.isEmpty() && value.get(0).has("role");
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> isMessages(value) ? "a list of messages" : "a list";
            case STRING -> "a string";
            case NUMBER -> "the number " + Excerpt.of(value.toString());
            case BOOLEAN -> "the boolean " + value;
            case NULL -> "null";
            default -> value.getNodeType().toString();
        };
    }
}
