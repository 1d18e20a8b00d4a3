package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.TokenizationSettings;
import dpo.harness.config.ConfigValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options for reading and tokenizing a preference file. */
final class DataOptions {

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "Data format: hh-rlhf, standard, conversational, unpaired, ranked, pandalm, rewardbench or a"
                    + " class name.")
    private String format = "";

    @Option(
            names = "--reader",
            paramLabel = "KEY=VALUE",
            description = "Other settings of the reader, e.g. on_bad_row=skip, limit=100.")
    private List<String> reader = new ArrayList<>();

    @Option(
            names = "--tokenization",
            paramLabel = "KEY=VALUE",
            description = "Keys of the data section of a config, e.g. max_length=512, truncation=drop,"
                    + " special_tokens_in_text=text, chat_template=FILE.")
    private List<String> tokenization = new ArrayList<>();

    /** The reader of a file; given settings override the defaults. */
    PreferenceSource source(Path file, Map<String, String> defaults) {
        return ConfigValue.source(format, file, merged(defaults, KeyValues.of("--reader", reader)));
    }

    /** The settings of tokenization; given settings override the defaults. */
    TokenizationSettings tokenization(Map<String, String> defaults) {
        return ConfigValue.tokenization(merged(defaults, KeyValues.of("--tokenization", tokenization)));
    }

    /** Refuses tokenization settings if nothing is tokenized. */
    void requireNoTokenization() {
        if (!tokenization.isEmpty()) {
            throw new InvalidInputException("--tokenization must come with --model, got " + tokenization + " alone");
        }
    }

    private static Map<String, String> merged(Map<String, String> defaults, Map<String, String> given) {
        Map<String, String> merged = new LinkedHashMap<>(defaults);
        merged.putAll(given);
        return merged;
    }
}
