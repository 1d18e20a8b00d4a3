package dpo.data.format;

import dpo.data.source.CompletionSource;
import java.util.List;
import java.util.Map;

/** The completion formats by name. */
public final class CompletionFormats {

    private static final Map<String, Class<? extends CompletionSource>> ALL =
            FormatRegistry.byName(List.of(PromptCompletion.class, Messages.class));

    private CompletionFormats() {}

    /** The records of the built-in formats by name, in the order of the documentation. */
    public static Map<String, Class<? extends CompletionSource>> all() {
        return ALL;
    }
}
