package dpo.data.provenance;

import com.oracle.labs.mlrg.olcut.config.json.JsonProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.io.ProvenanceSerializationException;
import com.oracle.labs.mlrg.olcut.provenance.primitives.BooleanProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.tribuo.Tribuo;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.ModelProvenance;

/** The provenance of a run in Tribuo's types: a model provenance with those of its data and its training. */
public final class RunProvenance {

    private RunProvenance() {}

    /**
     * The provenance of a run.
     *
     * @param policy class of the trained model
     * @param started time of its first start
     * @param train where the training data come from
     * @param examples number of training examples after tokenization
     * @param training trainer and settings
     * @param others sources of other data by name, such as {@code evaluation}
     * @param facts hashes and environment by name
     */
    public static ModelProvenance of(
            String policy,
            Instant started,
            SourceProvenance train,
            int examples,
            TrainingProvenance training,
            Map<String, SourceProvenance> others,
            Map<String, String> facts) {
        Map<String, Provenance> instance = new LinkedHashMap<>();
        facts.forEach((name, value) -> instance.put(name, new StringProvenance(name, value)));
        instance.putAll(others);
        return new ModelProvenance(
                policy, started.atOffset(ZoneOffset.UTC), dataset(train, examples), training, instance);
    }

    private static DatasetProvenance dataset(SourceProvenance source, int examples) {
        Map<String, Provenance> parts = new LinkedHashMap<>();
        text(parts, "class-name", "dpo.train.TrainingData");
        parts.put("datasource", source);
        parts.put("transformations", new ListProvenance<ObjectProvenance>(List.of()));
        parts.put("is-dense", new BooleanProvenance("is-dense", false));
        parts.put("is-sequence", new BooleanProvenance("is-sequence", true));
        number(parts, "num-examples", examples);
        // Tribuo's counts of features and outputs: sequences of tokens have neither.
        number(parts, "num-features", 0);
        number(parts, "num-outputs", 0);
        text(parts, "tribuo-version", Tribuo.VERSION);
        return new DatasetProvenance(parts);
    }

    private static void text(Map<String, Provenance> parts, String key, String value) {
        parts.put(key, new StringProvenance(key, value));
    }

    private static void number(Map<String, Provenance> parts, String key, int value) {
        parts.put(key, new IntProvenance(key, value));
    }

    /** The provenance in Tribuo's own JSON, on one line. */
    public static String toJson(ModelProvenance provenance) {
        return TribuoJson.line(provenance);
    }

    /**
     * Reads the output of {@link #toJson}.
     *
     * @throws IllegalArgumentException if the text is not the provenance of a model
     */
    public static ModelProvenance read(String json) {
        try {
            if (new JsonProvenanceSerialization(true).deserializeAndUnmarshal(json) instanceof ModelProvenance model) {
                return model;
            }
        } catch (ProvenanceSerializationException | RuntimeException damaged) {
            throw new IllegalArgumentException("text must be the provenance of a model, got " + damaged, damaged);
        }
        throw new IllegalArgumentException("text must be the provenance of a model, got another one");
    }

    /** All values by path, such as {@code dataset.datasource.rows-used}, as Tribuo's {@link ProvenanceUtil} names them. */
    public static SortedMap<String, String> flat(ModelProvenance provenance) {
        SortedMap<String, String> flat = new TreeMap<>();
        flatten("", ProvenanceUtil.convertToMap(provenance), flat);
        return Collections.unmodifiableSortedMap(flat);
    }

    private static void flatten(String path, Object value, SortedMap<String, String> into) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> flatten(path.isEmpty() ? String.valueOf(key) : path + "." + key, inner, into));
        } else {
            into.put(path, String.valueOf(value));
        }
    }
}
