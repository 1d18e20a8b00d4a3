package dpo.data.source;

/**
 * A source of preferences. A record that implements this is a data format: its components, annotated with
 * {@link dpo.core.setting.Setting}, are its configuration keys.
 */
public interface PreferenceSource {

    /**
     * Reads everything the source selects; a second call gives an equal result while the files stay as they are.
     *
     * @return at least one example
     * @throws dpo.data.DataException where a file is missing, cut short, or holds a row that the settings do not
     *     forgive
     */
    PreferenceDataset read();
}
