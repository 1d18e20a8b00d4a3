package dpo.data.source;

/** A source of prompts with completions for supervised fine-tuning, D_SFT; see {@link PreferenceSource}. */
public interface CompletionSource {

    /**
     * Reads everything the source selects.
     *
     * @return at least one example
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}
     */
    CompletionDataset read();
}
