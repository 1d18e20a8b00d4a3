package dpo.data.provenance;

import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.provenance.DataSourceProvenance;

/**
 * The provenance of examples read from a file, as a Tribuo data source provenance. It has no time of reading, so that
 * an unchanged file with equal settings has an equal provenance.
 *
 * @param reader class of the reader
 * @param settings its settings by configuration key
 * @param file the file, as given in the settings
 * @param sha256 checksum of the whole file on disk, in hexadecimal
 * @param read entries read
 * @param used entries that became examples
 * @param skipped entries before the selection
 * @param dropped dropped entries by reason
 */
public record SourceProvenance(
        String reader,
        Map<String, String> settings,
        String file,
        String sha256,
        int read,
        int used,
        int skipped,
        Map<String, Integer> dropped)
        implements DataSourceProvenance {

    private static final String SETTINGS = "reader-settings";
    private static final String FILE = "file";
    private static final String READ = "rows-read";
    private static final String USED = "rows-used";
    private static final String SKIPPED = "rows-skipped";
    private static final String DROPPED = "rows-dropped";

    public SourceProvenance {
        settings = Collections.unmodifiableMap(new TreeMap<>(settings));
        dropped = Collections.unmodifiableMap(new TreeMap<>(dropped));
    }

    /**
     * Rebuilds a provenance from its parts; OLCUT calls this constructor to read one from JSON.
     *
     * @throws com.oracle.labs.mlrg.olcut.provenance.ProvenanceException if a part is missing or of another type
     */
    public SourceProvenance(Map<String, Provenance> parts) {
        this(
                text(parts, CLASS_NAME),
                strings(parts),
                text(parts, FILE),
                part(parts, RESOURCE_HASH, HashProvenance.class).getValue(),
                number(parts, READ),
                number(parts, USED),
                number(parts, SKIPPED),
                counts(parts));
    }

    @Override
    public String getClassName() {
        return reader;
    }

    @Override
    public Iterator<Pair<String, Provenance>> iterator() {
        Map<String, StringProvenance> settingParts = new LinkedHashMap<>();
        settings.forEach((key, value) -> settingParts.put(key, new StringProvenance(key, value)));
        Map<String, IntProvenance> dropParts = new LinkedHashMap<>();
        dropped.forEach((reason, count) -> dropParts.put(reason, new IntProvenance(reason, count)));
        List<Pair<String, Provenance>> parts = new ArrayList<>();
        parts.add(new Pair<>(CLASS_NAME, new StringProvenance(CLASS_NAME, reader)));
        parts.add(new Pair<>(SETTINGS, new MapProvenance<>(settingParts)));
        parts.add(new Pair<>(FILE, new StringProvenance(FILE, file)));
        parts.add(new Pair<>(RESOURCE_HASH, new HashProvenance(ProvenanceUtil.HashType.SHA256, RESOURCE_HASH, sha256)));
        parts.add(new Pair<>(READ, new IntProvenance(READ, read)));
        parts.add(new Pair<>(USED, new IntProvenance(USED, used)));
        parts.add(new Pair<>(SKIPPED, new IntProvenance(SKIPPED, skipped)));
        parts.add(new Pair<>(DROPPED, new MapProvenance<>(dropParts)));
        return parts.iterator();
    }

    /** The provenance in Tribuo's own JSON, from which OLCUT rebuilds an equal one. */
    public String toJson() {
        return TribuoJson.indented(this);
    }

    /** The provenance as flat text by key: {@code file}, {@code sha256}, {@code settings.limit}, …. */
    public Map<String, String> readable() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("reader", reader);
        map.put("file", file);
        map.put("sha256", sha256);
        map.put("read", Integer.toString(read));
        map.put("used", Integer.toString(used));
        map.put("skipped", Integer.toString(skipped));
        dropped.forEach((reason, count) -> map.put("dropped." + reason, count.toString()));
        settings.forEach((key, value) -> map.put("settings." + key, value));
        return Collections.unmodifiableMap(map);
    }

    private static String text(Map<String, Provenance> parts, String key) {
        return part(parts, key, StringProvenance.class).getValue();
    }

    private static int number(Map<String, Provenance> parts, String key) {
        return part(parts, key, IntProvenance.class).getValue();
    }

    private static Map<String, String> strings(Map<String, Provenance> parts) {
        Map<String, String> strings = new TreeMap<>();
        entries(parts, SETTINGS).forEach((key, value) -> strings.put(key, ((StringProvenance) value).getValue()));
        return strings;
    }

    private static Map<String, Integer> counts(Map<String, Provenance> parts) {
        Map<String, Integer> counts = new TreeMap<>();
        entries(parts, DROPPED).forEach((key, value) -> counts.put(key, ((IntProvenance) value).getValue()));
        return counts;
    }

    private static Map<String, Provenance> entries(Map<String, Provenance> parts, String key) {
        Map<String, Provenance> entries = new TreeMap<>();
        MapProvenance<?> map = part(parts, key, MapProvenance.class);
        map.getMap().forEach(entries::put);
        return entries;
    }

    private static <T extends Provenance> T part(Map<String, Provenance> parts, String key, Class<T> type) {
        // A copy, because OLCUT removes entries from the map.
        return ObjectProvenance.checkAndExtractProvenance(
                new HashMap<>(parts), key, type, SourceProvenance.class.getName());
    }
}
