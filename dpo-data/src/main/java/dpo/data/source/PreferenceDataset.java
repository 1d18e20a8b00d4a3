package dpo.data.source;

import dpo.data.example.PreferenceExample;
import dpo.data.provenance.SourceProvenance;
import java.util.List;

/**
 * What a preference source gave.
 *
 * @param examples in the order of the file
 * @param counts what became of every entry read
 * @param provenance file, checksum and settings
 */
public record PreferenceDataset(List<PreferenceExample> examples, RowCounts counts, SourceProvenance provenance) {

    public PreferenceDataset {
        examples = List.copyOf(examples);
    }

    /** What a reader selected from its file. */
    public static PreferenceDataset of(Record reader, Selection<PreferenceExample> selection) {
        return new PreferenceDataset(selection.examples(), selection.counts(), selection.provenance(reader));
    }
}
