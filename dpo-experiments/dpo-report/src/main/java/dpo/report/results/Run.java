package dpo.report.results;

import dpo.harness.config.SettingValue;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A run as recorded in its {@code run.json}.
 *
 * @param folder the run's folder
 * @param id the run's id; the folder's name if {@code run.json} cannot be read
 * @param status {@code running}, {@code completed}, {@code failed} or {@code interrupted}; {@link #DAMAGED} if a file
 *     is missing or damaged
 * @param settings swept dotted path → value: Long, Double, Boolean or String, or a {@link SettingValue} for null, a
 *     list or an empty mapping; any other mapping is flattened to the paths of its leaves
 * @param result final metric → value; NaN for null in the file, which means a non-finite number
 * @param seconds wall-clock duration, NaN while unknown
 * @param error the reason of the failure or the damage; empty otherwise
 * @param document the content of {@code run.json}; an empty object if it cannot be read
 */
public record Run(
        Path folder,
        String id,
        String status,
        Map<String, Object> settings,
        Map<String, Double> result,
        double seconds,
        String error,
        JsonNode document) {

    /** The status of a run with damaged files, instead of the status in {@code run.json}. */
    public static final String DAMAGED = "damaged";

    public Run {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        result = Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    /** The printed value of a setting; empty if the run does not have it. */
    public Optional<SettingValue> level(String setting) {
        return Optional.ofNullable(settings.get(setting)).map(SettingValue::of);
    }

    /** A metric of the result; NaN if the run has none of this name. */
    public double metric(String name) {
        return result.getOrDefault(name, Double.NaN);
    }

    /** Whether the run has its result. */
    public boolean isCompleted() {
        return status.equals("completed");
    }

    /** Whether the run has failed or is damaged. */
    public boolean hasFailed() {
        return status.equals("failed") || status.equals(DAMAGED);
    }

    /** This run, marked as damaged. */
    Run damaged(String damage) {
        return new Run(folder, id, DAMAGED, settings, result, seconds, damage, document);
    }
}
