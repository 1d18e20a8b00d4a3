package dpo.report.results;

import dpo.harness.config.SettingValue;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One run as its {@code run.json} tells it.
 *
 * @param folder the run's folder
 * @param id the run's id; the folder's name where {@code run.json} cannot be read
 * @param status {@code running}, {@code completed}, {@code failed} or {@code interrupted}; {@link #DAMAGED} where a
 *     file is missing or not as it was written
 * @param settings swept dotted path → value: Long, Double, Boolean or String, or a {@link SettingValue} for null, a
 *     list or an empty mapping; any other mapping is flattened to the paths of its leaves
 * @param result final metric → value; NaN where the file has null, which stands for a non-finite number
 * @param seconds wall-clock duration, NaN while unknown
 * @param error why the run failed, or what is damaged; empty otherwise
 * @param document the whole of {@code run.json}; an empty object where it cannot be read
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

    /** The status of a run that has no whole result, whatever its {@code run.json} says. */
    public static final String DAMAGED = "damaged";

    public Run {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        result = Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    /** The value of a setting as it is printed; empty where the run does not have the setting. */
    public Optional<SettingValue> level(String setting) {
        return Optional.ofNullable(settings.get(setting)).map(SettingValue::of);
    }

    /** This run, found damaged. */
    Run damaged(String damage) {
        return new Run(folder, id, DAMAGED, settings, result, seconds, damage, document);
    }
}
