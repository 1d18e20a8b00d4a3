package dpo.data.source;

import dpo.data.example.PreferenceExample;

/** A source of prompts with answers to imitate, D_SFT. As with preferences, a record's components are its keys. */
public interface CompletionSource {

    /**
     * Reads everything the source selects.
     *
     * @return at least one example
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}
     */
    CompletionDataset read();

    /** The chosen sides of a preference source, one example a pair, in its order. */
    static CompletionSource chosenSideOf(PreferenceSource source) {
        return () -> {
            PreferenceDataset data = source.read();
            return new CompletionDataset(
                    data.examples().stream().map(PreferenceExample::chosenSide).toList(), data.counts(),
                    data.provenance());
        };
    }
}
