package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.core.setting.SettingException;
import dpo.harness.config.ConfigValue;
import dpo.harness.config.DataSource;
import dpo.harness.config.EvaluationSources;
import dpo.harness.evaluation.EvaluatedPolicy;
import dpo.train.EvaluationSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that select the data of an evaluation. */
final class EvaluationDataOptions {

    @Option(
            names = "--data",
            paramLabel = "[NAME=]FILE",
            description = "Preference file. Several need names. Default: the evaluation sets of the run.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "Data format, one for all files or one for each: hh-rlhf, standard, conversational, unpaired,"
                    + " ranked, pandalm, rewardbench or a class name.")
    private List<String> formats = new ArrayList<>();

    @Option(
            names = "--reader",
            paramLabel = "KEY=VALUE",
            description = "Other settings of the readers, e.g. on_bad_row=skip, limit=100.")
    private List<String> reader = new ArrayList<>();

    @Option(
            names = "--tokenization",
            paramLabel = "KEY=VALUE",
            description = "Keys of the data section of a config, e.g. max_length=512. Default: those of the run.")
    private List<String> tokenization = new ArrayList<>();

    /** A policy with the data of these options. */
    EvaluatedPolicy applyTo(EvaluatedPolicy policy) {
        Map<String, String> keys = KeyValues.of("--tokenization", tokenization);
        if (!files.isEmpty()) {
            return policy.on(new EvaluationSources(sources()), keys);
        }
        if (!policy.isRun()) {
            throw new InvalidInputException("--data must be given for a model, got none");
        }
        if (!formats.isEmpty() || !reader.isEmpty()) {
            throw new InvalidInputException("--format and --reader must come with --data, got " + formats + reader);
        }
        return keys.isEmpty() ? policy : policy.on(policy.sources(), keys);
    }

    private Map<String, DataSource> sources() {
        if (formats.size() != 1 && formats.size() != files.size()) {
            throw new InvalidInputException("--format must be given once, or once for each --data (" + files.size()
                    + "), got " + formats.size());
        }
        Map<String, String> settings = KeyValues.of("--reader", reader);
        Map<String, DataSource> sources = new LinkedHashMap<>();
        for (int i = 0; i < files.size(); i++) {
            String format = formats.get(formats.size() == 1 ? 0 : i);
            String name = name(files.get(i));
            Path file = Path.of(name.isEmpty() ? files.get(i) : files.get(i).substring(name.length() + 1));
            DataSource source = new DataSource.Text(ConfigValue.source(format, file, settings));
            if (sources.put(name, source) != null || (name.isEmpty() && files.size() > 1)) {
                throw new InvalidInputException(
                        "--data must be NAME=FILE with different names for several files, got " + files);
            }
        }
        return sources;
    }

    /** The name before the first {@code =}; empty without one, or if it cannot be a name, such as {@code ../a=b}. */
    private static String name(String text) {
        String name = text.substring(0, Math.max(0, text.indexOf('=')));
        if (!name.matches("[A-Za-z0-9_-]+")) {
            return "";
        }
        try {
            EvaluationSet.requireName("--data " + name, name);
            return name;
        } catch (SettingException refused) {
            throw new InvalidInputException(refused.getMessage(), refused);
        }
    }
}
