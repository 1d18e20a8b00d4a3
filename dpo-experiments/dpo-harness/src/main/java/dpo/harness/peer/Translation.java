package dpo.harness.peer;

import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Another system's configuration in our words.
 *
 * @param origin what was read, in a sentence
 * @param tree our configuration as plain data
 * @param notes what the source says that is not so, or not the same, in {@code tree}; a sentence each
 */
public record Translation(String origin, Map<String, Object> tree, List<String> notes) {

    public Translation {
        notes = List.copyOf(notes);
    }

    /** The configuration as YAML; numbers are those of the source to the last bit. */
    public String yaml() {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.AUTO)
                .setWidth(Integer.MAX_VALUE)
                .build();
        return new Dump(settings).dumpToString(tree);
    }

    /** A configuration file: origin and notes as comments, then the YAML. */
    public String document() {
        StringBuilder text = new StringBuilder("# " + origin + "\n");
        notes.forEach(note -> text.append("#  - ").append(note).append('\n'));
        return text.append(yaml()).toString();
    }
}
