package dpo.experiments.command;

import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.TokenizationSettings;
import dpo.experiments.config.ConfigValue;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** A file of preference pairs and how it becomes tokens, as options. */
final class PairOptions {

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Preference pairs.")
    private Path data = Path.of("");

    @Option(names = "--format", required = true, description = "hh-rlhf, standard, conversational, pandalm or a class name.")
    private String format = "";

    @Option(
            names = "--reader",
            paramLabel = "KEY=VALUE",
            description = "Further settings of the reader, e.g. on_bad_row=skip, limit=100.")
    private Map<String, String> reader = new LinkedHashMap<>();

    @Option(
            names = "--tokenization",
            paramLabel = "KEY=VALUE",
            description = "Settings of a config's data section, e.g. max_length=512, truncation=drop,"
                    + " special_tokens_in_text=text, chat_template=FILE.")
    private Map<String, String> tokenization = new LinkedHashMap<>();

    PreferenceSource source() {
        return ConfigValue.source(format, data, reader);
    }

    TokenizationSettings tokenization() {
        return ConfigValue.tokenization(tokenization);
    }
}
