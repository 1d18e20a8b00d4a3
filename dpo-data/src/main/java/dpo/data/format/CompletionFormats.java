package dpo.data.format;

import dpo.data.source.CompletionSource;
import java.util.List;
import java.util.Map;

/**
 * The completion formats by name. The chosen side of a preference format serves as well, see
 * {@link CompletionSource#chosenSideOf}.
 */
public final class CompletionFormats {

    private static final FormatRegistry<CompletionSource> REGISTRY =
            new FormatRegistry<>(CompletionSource.class, List.of(PromptCompletion.class, Messages.class));

    private CompletionFormats() {}

    /** Names and records of the built-in formats, in the order in which they are told. */
    public static Map<String, Class<? extends CompletionSource>> all() {
        return REGISTRY.all();
    }

    /**
     * The record of a format.
     *
     * @param name a name of {@link #all()}, or the class name of a record that is a {@link CompletionSource}
     * @throws IllegalArgumentException where it is neither
     */
    public static Class<? extends CompletionSource> find(String name) {
        return REGISTRY.find(name);
    }
}
