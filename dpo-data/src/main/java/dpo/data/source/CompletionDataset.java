package dpo.data.source;

import dpo.data.example.CompletionExample;
import dpo.data.provenance.SourceProvenance;
import java.util.List;

/**
 * The result of a completion source.
 *
 * @param examples in the order of the file
 * @param counts counts of the entries read
 * @param provenance file, checksum and settings
 * @param reading policy on bad rows, the first bad rows, columns not read
 */
public record CompletionDataset(
        List<CompletionExample> examples, RowCounts counts, SourceProvenance provenance, Reading reading) {

    public CompletionDataset {
        examples = List.copyOf(examples);
    }

    /** A data set with {@link Reading#none()}. */
    public CompletionDataset(List<CompletionExample> examples, RowCounts counts, SourceProvenance provenance) {
        this(examples, counts, provenance, Reading.none());
    }

    /** The examples that a reader selected from its file. */
    public static CompletionDataset of(Record reader, Selection<CompletionExample> selection) {
        return new CompletionDataset(
                selection.examples(), selection.counts(), selection.provenance(reader), selection.reading());
    }
}
