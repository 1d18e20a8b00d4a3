package dpo.data.format;

import dpo.data.source.CompletionSource;
import java.util.List;
import java.util.Map;

/** The completion formats by name. */
public final class CompletionFormats {

    private static final Map<String, Class<? extends CompletionSource>> ALL =
            FormatRegistry.byName(List.of(PromptCompletion.class, Messages.class));

    private CompletionFormats() {}

    /** Names and records of the built-in formats, in the order in which they are told. */
    public static Map<String, Class<? extends CompletionSource>> all() {
        return ALL;
    }
}
