package dpo.harness.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
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
 * @param identity hashes: {@code config}, {@code data}, {@code model}, {@code code}
 * @param provenance of each part ({@code train}, {@code evaluation}, {@code sft}, {@code model}): its origin
 * @param environment versions and machine
 * @param started ISO instant of the first start
 * @param finished ISO instant of the end; empty while running
 * @param seconds computing time over all starts that were not killed
 * @param result final metrics by name
 * @param error the error of a failed run
 * @param files the run's other files as they were at its end; empty while running
 */
@JsonPropertyOrder("format")
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
        Optional<Manifest> files) {

    /** The format without checksums of the record and of the run's files. */
    private static final int FIRST_FORMAT = 1;

    private static final int FORMAT = 2;

    /** The progress of a run. */
    public enum Status {
        /** Being computed, or killed while it was. */
        @JsonProperty("running")
        RUNNING,
        /** Has its result. */
        @JsonProperty("completed")
        COMPLETED,
        /** Ended by an error; the next start tries again. */
        @JsonProperty("failed")
        FAILED,
        /** Stopped on request, after a step or during an evaluation; resumes from its checkpoint. */
        @JsonProperty("interrupted")
        INTERRUPTED
    }

    public RunRecord {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        Map<String, Double> numbers = new LinkedHashMap<>(result);
        numbers.replaceAll((metric, value) -> value == null ? Double.NaN : value);
        result = Collections.unmodifiableMap(numbers);
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
                Optional.of(written));
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
        return Json.sealed(this);
    }

    /**
     * A record from the text of {@code run.json}.
     *
     * @throws RuntimeException if the text is not a record, or is damaged
     */
    static RunRecord fromText(String text) {
        return switch (Json.read(text, Version.class).format) {
            case FIRST_FORMAT -> Json.read(text, RunRecord.class);
            case FORMAT -> Json.unsealed(text, RunRecord.class);
            default -> throw new IllegalArgumentException("format must be " + FORMAT + ", got another");
        };
    }

    private record Version(int format) {}

    @JsonProperty
    int format() {
        return FORMAT;
    }
}
