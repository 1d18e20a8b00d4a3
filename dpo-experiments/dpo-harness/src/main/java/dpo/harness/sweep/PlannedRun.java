package dpo.harness.sweep;

import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.SettingValue;
import dpo.harness.run.PreparedData;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run that has passed all checks and can start.
 *
 * @param settings its values of the swept settings
 * @param config its configuration
 * @param data its tokens
 * @param identity hashes of everything that affects its results
 */
public record PlannedRun(
        Map<String, @Nullable Object> settings, ExperimentConfig config, PreparedData data, Identity identity) {

    private static final int LONGEST_LABEL = 100;

    /** One sentence per setting that has no or only a partial effect, given the run's number of steps and turns. */
    public List<String> ineffectiveSettings() {
        return IneffectiveSettings.of(config, data.tokens());
    }

    /** The settings as part of a folder's name: {@code beta=0.1,seed=1}. */
    String label() {
        String label = settings.entrySet().stream()
                .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1) + "="
                        + SettingValue.of(entry.getValue()).text())
                .collect(Collectors.joining(","))
                .replaceAll("[^\\w=,.+-]", "_");
        return label.length() <= LONGEST_LABEL ? label : label.substring(0, LONGEST_LABEL);
    }

    /** The run's name within its sweep: its label, or the experiment's name if the label is empty. */
    String name() {
        return label().isEmpty() ? config.name() : label();
    }

    /** The name of the run's folder: name and short hash. */
    public String id() {
        return name() + "-" + identity.shortHash();
    }

    /** The short hash at the end of a run folder's name. */
    static String hashIn(String id) {
        return id.substring(id.lastIndexOf('-') + 1);
    }
}
