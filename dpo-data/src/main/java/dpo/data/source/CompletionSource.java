package dpo.data.source;

/** A source of prompts with answers to imitate, D_SFT. As with preferences, a record's components are its keys. */
public interface CompletionSource {

    /**
     * Reads everything the source selects.
     *
     * @return at least one example
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}
     */
    CompletionDataset read();
}
