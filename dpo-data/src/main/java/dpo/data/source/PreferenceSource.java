package dpo.data.source;

import dpo.data.example.PreferenceExample;

/**
 * A source of preferences. A record that implements this is a data format: its components, annotated with
 * {@link dpo.core.setting.Setting}, are its configuration keys.
 */
public interface PreferenceSource {

    /**
     * Reads everything that the source selects. A second call returns an equal result as long as the files are
     * unchanged.
     *
     * @return at least one example
     * @throws dpo.data.DataException if a file is missing or incomplete, or has a bad row and the policy is {@code
     *     fail}
     */
    Dataset<PreferenceExample> read();
}
