package dpo.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * The time of the phases of optimizer steps.
 *
 * @param seconds of each phase, in the order of first occurrence
 * @param steps the whole steps
 */
record Phases(Map<String, Double> seconds, StepTimes steps) {

    /** Name of the backend's event. */
    static final String EVENT = "dpo.Phase";

    /** The phases in a recording that begin at or after a time. */
    static Phases read(Path recording, Instant begin, StepTimes steps) throws IOException {
        Map<String, Double> seconds = new LinkedHashMap<>();
        RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals(EVENT))
                .filter(event -> !event.getStartTime().isBefore(begin))
                .sorted((a, b) -> a.getStartTime().compareTo(b.getStartTime()))
                .forEach(event -> seconds.merge(event.getString("name"), duration(event), Double::sum));
        return new Phases(seconds, steps);
    }

    private static double duration(RecordedEvent event) {
        return event.getDuration().toNanos() / 1e9;
    }

    /** Seconds of the whole steps. */
    double all() {
        return steps.total();
    }

    /** Seconds of the steps outside all phases: the loss, the metrics, the loop. */
    double rest() {
        return all()
                - seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
