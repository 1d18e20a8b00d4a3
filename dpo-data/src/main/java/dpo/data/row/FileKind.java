package dpo.data.row;

import dpo.data.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Kinds of files that readers do not support, recognised by their first bytes. */
final class FileKind {

    private static final Map<String, String> KINDS = kinds();

    private FileKind() {}

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("PAR1", "a Parquet file");
        kinds.put("ARROW1", "an Arrow file");
        kinds.put("\u00ff\u00ff\u00ff\u00ff", "an Arrow stream");
        kinds.put("PK\u0003\u0004", "a ZIP archive");
        kinds.put("\u001f\u008b", "a gzip file within a gzip file");
        kinds.put("(\u00b5/\u00fd", "a Zstandard file");
        kinds.put("BZh", "a bzip2 file");
        kinds.put("\u00fd7zXZ", "an xz file");
        kinds.put("SQLite format 3", "an SQLite database");
        kinds.put("\u00ff\u00fe", "UTF-16 text");
        kinds.put("\u00fe\u00ff", "UTF-16 text");
        return kinds;
    }

    /** Refuses a file that begins like one of these kinds. */
    static void requireText(Path path, byte[] beginning) {
        String begins = new String(beginning, StandardCharsets.ISO_8859_1);
        KINDS.forEach((magic, kind) -> {
            if (begins.startsWith(magic)) {
                throw new DataException("file must be JSON Lines or a JSON array in UTF-8, plain or gzip, got " + kind
                        + " (" + path + ")");
            }
        });
    }
}
