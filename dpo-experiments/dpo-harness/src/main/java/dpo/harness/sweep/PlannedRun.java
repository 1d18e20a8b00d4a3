package dpo.harness.sweep;

import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.SettingValue;
import dpo.harness.run.PreparedData;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run that has been checked and may start.
 *
 * @param settings the values that tell it from the other cells of its sweep
 * @param config its configuration
 * @param data its tokens
 * @param identity its content address
 */
public record PlannedRun(
        Map<String, @Nullable Object> settings, ExperimentConfig config, PreparedData data, Identity identity) {

    private static final int LONGEST_LABEL = 100;

    /** A sentence for each setting that has no effect, or only part of it, on the steps and turns of the run. */
    public List<String> ineffectiveSettings() {
        return IneffectiveSettings.of(config, data.tokens());
    }

    /** The settings in a form fit for a folder's name: {@code beta=0.1,seed=1}. */
    String label() {
        String label = settings.entrySet().stream()
                .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1) + "="
                        + SettingValue.of(entry.getValue()).text())
                .collect(Collectors.joining(","))
                .replaceAll("[^\\w=,.+-]", "_");
        return label.length() <= LONGEST_LABEL ? label : label.substring(0, LONGEST_LABEL);
    }

    /** What the run is called beside the others of its sweep: its label, or the experiment's name without one. */
    String name() {
        return label().isEmpty() ? config.name() : label();
    }

    /** Name of the run's folder: name and content address. */
    public String id() {
        return name() + "-" + identity.shortHash();
    }

    /** The content address in the name of a run's folder. */
    static String hashIn(String id) {
        return id.substring(id.lastIndexOf('-') + 1);
    }
}
