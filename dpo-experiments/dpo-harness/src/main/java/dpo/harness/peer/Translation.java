package dpo.harness.peer;

import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * The translation of another system's configuration.
 *
 * @param origin a sentence about the source
 * @param tree the translated configuration as plain data
 * @param notes one sentence per setting of the source that is missing or different in {@code tree}
 */
public record Translation(String origin, Map<String, Object> tree, List<String> notes) {

    public Translation {
        notes = List.copyOf(notes);
    }

    /** The configuration as YAML, with the exact numbers of the source. */
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
