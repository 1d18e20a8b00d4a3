package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import dpo.data.example.Excerpt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A value in a JSON file, or an absent one. Reading it as a type other than its own is an error with file and place:
 * {@code added_tokens[0].id must be a token id, got true (FILE)}.
 */
record JsonValue(JsonNode node, String name, Path file) {

    /** A field; absent if this value is absent. */
    JsonValue field(String key) {
        JsonNode value = isAbsent() ? MissingNode.getInstance() : object().path(key);
        return new JsonValue(value, name.isEmpty() ? key : name + "." + key, file);
    }

    /** Whether the value is missing or null. */
    boolean isAbsent() {
        return node.isMissingNode() || node.isNull();
    }

    /** Whether the key exists, possibly with the value null. */
    boolean has(String key) {
        return node.has(key);
    }

    boolean isObject() {
        return node.isObject();
    }

    boolean isList() {
        return node.isArray();
    }

    boolean isText() {
        return node.isString();
    }

    ObjectNode object() {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw wrong("an object");
    }

    String text() {
        if (isText()) {
            return node.stringValue();
        }
        throw wrong("a text");
    }

    boolean flag(boolean byDefault) {
        if (isAbsent()) {
            return byDefault;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        throw wrong("true or false");
    }

    int id() {
        if (node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0) {
            return node.intValue();
        }
        throw wrong("a token id");
    }

    /** The values of a list; none if it is absent. */
    List<JsonValue> elements() {
        if (!isAbsent() && !isList()) {
            throw wrong("a list");
        }
        List<JsonValue> elements = new ArrayList<>();
        for (JsonNode element : node) {
            elements.add(new JsonValue(element, name + "[" + elements.size() + "]", file));
        }
        return elements;
    }

    /** The fields of an object in the order of the file; none if it is absent. */
    Map<String, JsonValue> fields() {
        Map<String, JsonValue> fields = new LinkedHashMap<>();
        if (!isAbsent()) {
            object().properties().forEach(each -> fields.put(each.getKey(), field(each.getKey())));
        }
        return fields;
    }

    /** The error of a value that violates a constraint. */
    DataException wrong(String constraint) {
        String value = node.isMissingNode() ? "nothing" : Excerpt.of(node.toString());
        return new DataException(
                (name.isEmpty() ? "file" : name) + " must be " + constraint + ", got " + value + " (" + file + ")");
    }
}
