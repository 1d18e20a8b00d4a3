package dpo.data.source;

import dpo.data.provenance.ReaderSettings;
import dpo.data.provenance.SourceProvenance;
import java.nio.file.Path;
import java.util.List;

/**
 * The examples selected from a file.
 *
 * @param file the file
 * @param examples in the order of the file; at least one
 * @param counts counts of the entries read
 * @param sha256 checksum of the whole file on disk, in hexadecimal, independent of the selection
 * @param reading policy on bad rows, the first bad rows, columns not read
 * @param <E> kind of example
 */
public record Selection<E>(Path file, List<E> examples, RowCounts counts, String sha256, Reading reading) {

    public Selection {
        examples = List.copyOf(examples);
    }

    /** The provenance of the examples; the components of {@code reader} are its settings. */
    public SourceProvenance provenance(Record reader) {
        return new SourceProvenance(
                reader.getClass().getName(),
                ReaderSettings.of(reader),
                file.toString(),
                sha256,
                counts.read(),
                counts.used(),
                counts.skipped(),
                counts.dropped());
    }
}
