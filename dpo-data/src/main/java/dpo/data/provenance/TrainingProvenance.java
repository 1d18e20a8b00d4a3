package dpo.data.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.provenance.TrainerProvenance;

/**
 * The settings of a training, as a Tribuo trainer provenance.
 *
 * @param trainer class of the trainer
 * @param settings its settings by dotted path
 */
public record TrainingProvenance(String trainer, Map<String, String> settings) implements TrainerProvenance {

    public TrainingProvenance {
        settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    }

    /** Rebuilds a provenance from its parts; OLCUT calls this constructor to read one from JSON. */
    public TrainingProvenance(Map<String, Provenance> parts) {
        this(
                ObjectProvenance.checkAndExtractProvenance(
                                new HashMap<>(parts),
                                CLASS_NAME,
                                StringProvenance.class,
                                TrainingProvenance.class.getName())
                        .getValue(),
                texts(parts));
    }

    private static Map<String, String> texts(Map<String, Provenance> parts) {
        Map<String, String> texts = new TreeMap<>();
        parts.forEach((key, part) -> {
            if (part instanceof StringProvenance text && !key.equals(CLASS_NAME)) {
                texts.put(key, text.getValue());
            }
        });
        return texts;
    }

    @Override
    public String getClassName() {
        return trainer;
    }

    @Override
    public Map<String, Provenance> getConfiguredParameters() {
        Map<String, Provenance> parameters = new TreeMap<>();
        settings.forEach((key, value) -> parameters.put(key, new StringProvenance(key, value)));
        return parameters;
    }
}
