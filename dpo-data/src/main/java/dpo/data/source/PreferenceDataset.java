package dpo.data.source;

import dpo.data.example.PreferenceExample;
import dpo.data.provenance.SourceProvenance;
import java.util.List;

/**
 * The result of a preference source.
 *
 * @param examples in the order of the file
 * @param counts counts of the entries read
 * @param provenance file, checksum and settings
 * @param reading policy on bad rows, the first bad rows, columns not read
 */
public record PreferenceDataset(
        List<PreferenceExample> examples, RowCounts counts, SourceProvenance provenance, Reading reading) {

    public PreferenceDataset {
        examples = List.copyOf(examples);
    }

    /** A data set with {@link Reading#none()}. */
    public PreferenceDataset(List<PreferenceExample> examples, RowCounts counts, SourceProvenance provenance) {
        this(examples, counts, provenance, Reading.none());
    }

    /** The examples that a reader selected from its file. */
    public static PreferenceDataset of(Record reader, Selection<PreferenceExample> selection) {
        return new PreferenceDataset(
                selection.examples(), selection.counts(), selection.provenance(reader), selection.reading());
    }
}
