package dpo.report.export;

import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.harness.store.Sha256;
import dpo.report.results.Run;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What MLflow stores of a run. */
final class MlflowRun {

    /** The tag with the run's id. */
    static final String CELL = "dpo.cell";

    /** The tag with the hash of the run's identity. */
    static final String IDENTITY = "dpo.identity";

    /** The tag with the hash of the run's record, once everything of a run that has ended is exported. */
    static final String CONTENT = "dpo.exported";

    private static final Pattern FORBIDDEN = Pattern.compile("[^\\w.\\- :/]", Pattern.UNICODE_CHARACTER_CLASS);

    private final Run run;

    MlflowRun(Run run) {
        this.run = run;
    }

    /**
     * A value of a metric.
     *
     * @param value finite or NaN
     * @param timestamp milliseconds since 1970: the start of the run and the time of the steps before
     */
    record Point(String key, double value, long timestamp, long step) {}

    Run run() {
        return run;
    }

    /** The hash of the parts of the run's identity; equal for equal results. */
    String identity() {
        return Sha256.of(run.document().path("identity").toString());
    }

    /** The hash of the run's record, which has the checksums of its files. */
    String content() {
        return Sha256.of(run.document().toString());
    }

    /** Whether the run is not being computed. */
    boolean hasEnded() {
        return !status().equals("RUNNING");
    }

    long started() {
        return milliseconds("started");
    }

    /** The end of the run; that of its start while it is running. */
    long finished() {
        return run.document().has("finished") ? milliseconds("finished") : started();
    }

    private long milliseconds(String key) {
        try {
            return Instant.parse(run.document().path(key).asString("")).toEpochMilli();
        } catch (DateTimeParseException e) {
            return 0;
        }
    }

    /** The word of MLflow for the status. */
    String status() {
        return switch (run.status()) {
            case "completed" -> "FINISHED";
            case "failed" -> "FAILED";
            case "interrupted" -> "KILLED";
            default -> "RUNNING";
        };
    }

    /** Tags: identity, status, error, environment. */
    Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put(CELL, run.id());
        tags.put(IDENTITY, identity());
        tags.put("dpo.status", run.status());
        tags.put("dpo.error", run.error());
        run.document()
                .path("identity")
                .properties()
                .forEach(part ->
                        tags.put(IDENTITY + "." + part.getKey(), part.getValue().asString("")));
        run.document()
                .path("environment")
                .properties()
                .forEach(part -> tags.put(
                        "dpo.environment." + part.getKey(), part.getValue().asString("")));
        tags.values().removeIf(String::isEmpty);
        return tags;
    }

    /** All metrics of all steps and evaluations, and what only the result has, at the last step. */
    List<Point> points() {
        List<Point> points = new ArrayList<>();
        Map<Long, Long> times = new LinkedHashMap<>();
        double seconds = 0;
        long last = 0;
        RunFolder folder = new RunFolder(run.folder());
        for (Map<String, Object> line : JsonLines.read(folder.path().resolve(RunFolder.METRICS))) {
            seconds += number(line.get("step_seconds"), 0);
            last = (long) number(line.get("step"), 0);
            times.put(last, started() + Math.round(seconds * 1000));
            add(line, last, times.get(last), points);
        }
        for (Map<String, Object> line : JsonLines.read(folder.path().resolve(RunFolder.EVALUATIONS))) {
            long step = (long) number(line.get("step"), 0);
            add(line, step, times.getOrDefault(step, started()), points);
        }
        long end = last;
        List<String> known = points.stream().map(Point::key).distinct().toList();
        run.result().forEach((metric, value) -> {
            if (!known.contains(key(metric))) {
                points.add(new Point(key(metric), finite(value), times.getOrDefault(end, started()), end));
            }
        });
        return points;
    }

    private static void add(Map<String, Object> line, long step, long time, List<Point> points) {
        line.forEach((metric, value) -> {
            if (!metric.equals("step") && (value == null || value instanceof Number)) {
                points.add(new Point(key(metric), number(value, Double.NaN), time, step));
            }
        });
    }

    private static double number(@Nullable Object value, double otherwise) {
        return value instanceof Number number ? number.doubleValue() : otherwise;
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }

    /** A name that MLflow accepts: other characters become their code in hexadecimal, between underscores. */
    static String key(String name) {
        return FORBIDDEN
                .matcher(name)
                .replaceAll(
                        sign -> String.format(Locale.ROOT, "_%x_", sign.group().codePointAt(0)));
    }
}
