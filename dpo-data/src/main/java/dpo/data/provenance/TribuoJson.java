package dpo.data.provenance;

import com.oracle.labs.mlrg.olcut.config.json.JsonProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tribuo's own JSON of a provenance, with the entries of each map sorted by name: Tribuo writes them in the order of hash
 * tables, which differs by version of Java.
 */
final class TribuoJson {

    private static final JsonMapper LINE = JsonMapper.builder().build();
    private static final JsonMapper INDENTED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private TribuoJson() {}

    static String line(ObjectProvenance provenance) {
        return text(LINE, provenance);
    }

    static String indented(ObjectProvenance provenance) {
        return text(INDENTED, provenance);
    }

    private static String text(JsonMapper mapper, ObjectProvenance provenance) {
        JsonNode document = mapper.readTree(new JsonProvenanceSerialization(false).marshalAndSerialize(provenance));
        sort(document);
        return mapper.writeValueAsString(document);
    }

    private static void sort(JsonNode node) {
        if (node.get("map") instanceof ObjectNode map) {
            TreeMap<String, JsonNode> entries = new TreeMap<>();
            map.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
            map.removeAll();
            entries.forEach(map::set);
        }
        List<JsonNode> inner = new ArrayList<>(node.values());
        inner.forEach(TribuoJson::sort);
    }
}
