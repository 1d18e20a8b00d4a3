package dpo.harness.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run, the content of {@code run.json}.
 *
 * @param id name of the run's folder in its sweep
 * @param name name of the experiment
 * @param status its progress
 * @param settings its values of the swept settings, by dotted path
 * @param identity content addresses: {@code config}, {@code data}, {@code model}, {@code code}
 * @param provenance of each part ({@code train}, {@code evaluation}, {@code sft}, {@code model}): its origin
 * @param environment versions and machine
 * @param started ISO instant of the first start
 * @param finished ISO instant of the end; empty while running
 * @param seconds computing time over all starts that were not killed
 * @param result final metrics by name
 * @param error the error of a failed run
 * @param files the run's other files as they were at its end; none while running
 */
public record RunRecord(
        String id,
        String name,
        Status status,
        Map<String, @Nullable Object> settings,
        Map<String, String> identity,
        Map<String, Object> provenance,
        Map<String, String> environment,
        String started,
        Optional<String> finished,
        double seconds,
        Map<String, Double> result,
        Optional<String> error,
        Manifest files) {

    /** The format without checksums of the record and of the run's files. */
    private static final int FIRST_FORMAT = 1;

    private static final int FORMAT = 2;

    /** The progress of a run. */
    public enum Status {
        /** Being computed, or killed while it was. */
        RUNNING,
        /** Has its result. */
        COMPLETED,
        /** Ended by an error; the next start tries again. */
        FAILED,
        /** Stopped on request, after a step or during an evaluation; resumes from its checkpoint. */
        INTERRUPTED
    }

    public RunRecord {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        result = Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    /** This record at the end of a run. */
    public RunRecord ended(
            Status end,
            String instant,
            double secondsSpent,
            Map<String, Double> metrics,
            Optional<String> why,
            Manifest written) {
        return new RunRecord(
                id,
                name,
                end,
                settings,
                identity,
                provenance,
                environment,
                started,
                Optional.of(instant),
                secondsSpent,
                metrics,
                why,
                written);
    }

    /** The same run as another cell of a sweep. */
    public RunRecord renamed(String otherId, Map<String, Object> otherSettings) {
        return new RunRecord(
                otherId,
                name,
                status,
                otherSettings,
                identity,
                provenance,
                environment,
                started,
                finished,
                seconds,
                result,
                error,
                files);
    }

    /** The text of {@code run.json}. */
    String toText() {
        return Json.sealed(toJson());
    }

    /**
     * A record from the text of {@code run.json}.
     *
     * @throws RuntimeException if the text is no record, or is damaged
     */
    static RunRecord fromText(String text) {
        Map<String, Object> json = Json.read(text);
        return fromJson(Integer.valueOf(FIRST_FORMAT).equals(json.get("format")) ? json : Json.unsealed(text));
    }

    private Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("id", id);
        json.put("name", name);
        json.put("status", status.name().toLowerCase(Locale.ROOT));
        json.put("settings", settings);
        json.put("identity", identity);
        json.put("provenance", provenance);
        json.put("environment", environment);
        json.put("started", started);
        finished.ifPresent(instant -> json.put("finished", instant));
        json.put("seconds", seconds);
        json.put("result", result);
        error.ifPresent(message -> json.put("error", message));
        if (status != Status.RUNNING) {
            json.put("files", files.toJson());
        }
        return json;
    }

    @SuppressWarnings("unchecked") // the shape is that of toJson, checked by its format number
    private static RunRecord fromJson(Map<String, Object> json) {
        if (!List.of(FIRST_FORMAT, FORMAT).contains(json.get("format"))) {
            throw new IllegalArgumentException("format must be " + FORMAT + ", got " + json.get("format"));
        }
        Map<String, Double> result = new LinkedHashMap<>();
        ((Map<String, Object>) json.get("result"))
                .forEach((key, value) -> result.put(key, value == null ? Double.NaN : ((Number) value).doubleValue()));
        return new RunRecord(
                (String) json.get("id"),
                (String) json.get("name"),
                Status.valueOf(((String) json.get("status")).toUpperCase(Locale.ROOT)),
                (Map<String, Object>) json.get("settings"),
                (Map<String, String>) json.get("identity"),
                (Map<String, Object>) json.get("provenance"),
                (Map<String, String>) json.get("environment"),
                (String) json.get("started"),
                Optional.ofNullable((String) json.get("finished")),
                ((Number) json.get("seconds")).doubleValue(),
                result,
                Optional.ofNullable((String) json.get("error")),
                json.containsKey("files") ? Manifest.fromJson(json.get("files")) : Manifest.NONE);
    }
}
