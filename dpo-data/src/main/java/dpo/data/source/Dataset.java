package dpo.data.source;

import dpo.data.provenance.SourceProvenance;
import java.util.List;

/**
 * The result of a source.
 *
 * @param examples in the order of the file
 * @param counts counts of the entries read
 * @param provenance file, checksum and settings
 * @param reading policy on bad rows, the first bad rows, columns not read
 * @param <E> kind of example
 */
public record Dataset<E>(List<E> examples, RowCounts counts, SourceProvenance provenance, Reading reading) {

    public Dataset {
        examples = List.copyOf(examples);
    }

    /** A data set with {@link Reading#none()}. */
    public Dataset(List<E> examples, RowCounts counts, SourceProvenance provenance) {
        this(examples, counts, provenance, Reading.none());
    }

    /** The examples that a reader selected from its file. */
    public static <E> Dataset<E> of(Record reader, Selection<E> selection) {
        return new Dataset<>(
                selection.examples(), selection.counts(), selection.provenance(reader), selection.reading());
    }
}
