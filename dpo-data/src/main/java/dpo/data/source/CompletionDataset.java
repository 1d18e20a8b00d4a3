package dpo.data.source;

import dpo.data.example.CompletionExample;
import dpo.data.provenance.SourceProvenance;
import java.util.List;

/**
 * What a completion source gave.
 *
 * @param examples in the order of the file
 * @param counts what became of every entry read
 * @param provenance file, checksum and settings
 */
public record CompletionDataset(List<CompletionExample> examples, RowCounts counts, SourceProvenance provenance) {

    public CompletionDataset {
        examples = List.copyOf(examples);
    }

    /** What a reader selected from its file. */
    public static CompletionDataset of(Record reader, Selection<CompletionExample> selection) {
        return new CompletionDataset(selection.examples(), selection.counts(), selection.provenance(reader));
    }
}
