package dpo.data.format;

import dpo.data.source.PreferenceSource;
import java.util.List;
import java.util.Map;

/** The preference formats by name. */
public final class PreferenceFormats {

    private static final FormatRegistry<PreferenceSource> REGISTRY = new FormatRegistry<>(
            PreferenceSource.class, List.of(HhRlhf.class, Standard.class, Conversational.class, PandaLm.class));

    private PreferenceFormats() {}

    /** Names and records of the built-in formats, in the order in which they are told. */
    public static Map<String, Class<? extends PreferenceSource>> all() {
        return REGISTRY.all();
    }

    /**
     * The record of a format.
     *
     * @param name a name of {@link #all()}, or the class name of a record that is a {@link PreferenceSource}
     * @throws IllegalArgumentException where it is neither
     */
    public static Class<? extends PreferenceSource> find(String name) {
        return REGISTRY.find(name);
    }
}
