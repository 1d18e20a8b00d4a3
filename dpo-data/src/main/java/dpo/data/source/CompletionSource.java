package dpo.data.source;

import dpo.data.example.CompletionExample;

/** A source of prompts with completions for supervised fine-tuning, D_SFT; see {@link PreferenceSource}. */
public interface CompletionSource {

    /**
     * Reads everything the source selects.
     *
     * @return at least one example
     * @throws dpo.data.DataException as {@link PreferenceSource#read()}
     */
    Dataset<CompletionExample> read();
}
