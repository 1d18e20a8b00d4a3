package dpo.data.format;

import dpo.data.source.PreferenceSource;
import java.util.List;
import java.util.Map;

/** The preference formats by name. */
public final class PreferenceFormats {

    private static final Map<String, Class<? extends PreferenceSource>> ALL = FormatRegistry.byName(List.of(
            HhRlhf.class,
            Standard.class,
            Conversational.class,
            Unpaired.class,
            Ranked.class,
            PandaLm.class,
            RewardBench.class));

    private PreferenceFormats() {}

    /** The records of the built-in formats by name, in the order of the documentation. */
    public static Map<String, Class<? extends PreferenceSource>> all() {
        return ALL;
    }
}
