package dpo.report.export;

import dpo.core.InvalidInputException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** An experiment of an MLflow server and its runs. Each call may be repeated. */
final class MlflowExperiment {

    /** The most characters of a value, of parameters and of tags. */
    static final int LONGEST_VALUE = 5_000;

    /** The most metrics of a call, and the most parameters and tags. */
    private static final int MOST_METRICS = 1_000;

    private static final int MOST_TEXTS = 100;

    private final MlflowServer server;
    private final String id;

    private MlflowExperiment(MlflowServer server, String id) {
        this.server = server;
        this.id = id;
    }

    /**
     * A run that the server has.
     *
     * @param id of the server
     * @param artifacts where its files are, as the server says
     * @param lastSteps the last step of each metric
     */
    record Stored(
            String id,
            String artifacts,
            Map<String, String> parameters,
            Map<String, String> tags,
            Map<String, Long> lastSteps) {}

    /** The experiment of a name, which is created if there is none. */
    static MlflowExperiment of(MlflowServer server, String name) {
        return server.retrying(() -> {
            Optional<JsonNode> found = server.get("experiments/get-by-name", Map.of("experiment_name", name))
                    .map(answer -> answer.path("experiment"));
            if (found.isPresent()
                    && found.get().path("lifecycle_stage").asString("active").equals("deleted")) {
                throw new InvalidInputException(
                        "experiment must not be deleted in MLflow, got " + name + "; restore it, or name another one");
            }
            String id = found.map(experiment -> experiment.path("experiment_id").asString(""))
                    .orElseGet(() -> server.post("experiments/create", Map.of("name", name))
                            .path("experiment_id")
                            .asString(""));
            return new MlflowExperiment(server, id);
        });
    }

    /** The MLflow run of a run. */
    Optional<Stored> find(MlflowRun run) {
        return server.retrying(() -> search(run));
    }

    /** The MLflow run of a run; a lost answer to a creation is found by the next try. */
    Stored findOrCreate(MlflowRun run) {
        return server.retrying(() -> search(run).orElseGet(() -> create(run)));
    }

    private Optional<Stored> search(MlflowRun run) {
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("experiment_ids", List.of(id));
        query.put("filter", "tags.`" + MlflowRun.IDENTITY + "` = '" + run.identity() + "'");
        query.put("run_view_type", "ACTIVE_ONLY");
        query.put("max_results", 1000);
        query.put("order_by", List.of("attributes.start_time ASC"));
        List<Stored> found = new ArrayList<>();
        for (JsonNode each : server.post("runs/search", query).path("runs")) {
            Stored stored = stored(each);
            if (run.run().id().equals(stored.tags().get(MlflowRun.CELL))) {
                found.add(stored);
            }
        }
        return found.stream().findFirst();
    }

    private Stored create(MlflowRun run) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("experiment_id", id);
        body.put("run_name", run.run().id());
        body.put("start_time", run.started());
        body.put("tags", texts(Map.of(MlflowRun.CELL, run.run().id(), MlflowRun.IDENTITY, run.identity())));
        return stored(server.post("runs/create", body).path("run"));
    }

    private static Stored stored(JsonNode run) {
        Map<String, Long> lastSteps = new HashMap<>();
        run.path("data")
                .path("metrics")
                .forEach(metric -> lastSteps.put(
                        metric.path("key").asString(""), metric.path("step").asLong(0)));
        return new Stored(
                run.path("info").path("run_id").asString(""),
                run.path("info").path("artifact_uri").asString(""),
                byKey(run.path("data").path("params")),
                byKey(run.path("data").path("tags")),
                lastSteps);
    }

    private static Map<String, String> byKey(JsonNode texts) {
        Map<String, String> values = new HashMap<>();
        texts.forEach(text ->
                values.put(text.path("key").asString(""), text.path("value").asString("")));
        return values;
    }

    /** Adds parameters, tags and values of metrics, in calls of the size that MLflow allows. */
    void log(Stored run, Map<String, String> parameters, Map<String, String> tags, List<MlflowRun.Point> points) {
        parts(texts(parameters), MOST_TEXTS).forEach(part -> log(run, "params", part));
        parts(texts(tags), MOST_TEXTS).forEach(part -> log(run, "tags", part));
        parts(points, MOST_METRICS)
                .forEach(part -> log(
                        run,
                        "metrics",
                        part.stream().map(MlflowExperiment::metric).toList()));
    }

    private void log(Stored run, String kind, List<?> values) {
        server.retrying(() -> server.post("runs/log-batch", Map.of("run_id", run.id(), kind, values)));
    }

    private static <T> List<List<T>> parts(List<T> all, int most) {
        List<List<T>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += most) {
            parts.add(all.subList(from, Math.min(all.size(), from + most)));
        }
        return parts;
    }

    private static List<Map<String, String>> texts(Map<String, String> values) {
        List<Map<String, String>> texts = new ArrayList<>();
        values.forEach((key, value) -> texts.add(Map.of(
                "key",
                MlflowRun.key(key),
                "value",
                value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE - 1) + "…")));
        return texts;
    }

    private static Map<String, Object> metric(MlflowRun.Point point) {
        return Map.of(
                "key",
                point.key(),
                "value",
                Double.isNaN(point.value()) ? "NaN" : (Object) point.value(),
                "timestamp",
                point.timestamp(),
                "step",
                point.step());
    }

    /** Stores a file as an artifact, if it exists. */
    void store(Stored run, String name, Path file) {
        if (Files.exists(file)) {
            String path = artifact(run, name);
            server.retrying(() -> {
                server.putArtifact(path, file);
                return path;
            });
        }
    }

    /** Stores a text as an artifact. */
    void store(Stored run, String name, String text) {
        String path = artifact(run, name);
        server.retrying(() -> {
            server.putArtifact(path, text);
            return path;
        });
    }

    private static String artifact(Stored run, String name) {
        if (!run.artifacts().startsWith("mlflow-artifacts:/")) {
            throw new InvalidInputException("server must keep the artifacts of its runs (mlflow server"
                    + " --serve-artifacts, the default), got " + run.artifacts());
        }
        return URI.create(run.artifacts()).getPath().replaceFirst("^/+", "") + "/" + name;
    }

    /** Sets status and end of a run. */
    void end(Stored stored, MlflowRun run) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("run_id", stored.id());
        body.put("status", run.status());
        if (run.hasEnded()) {
            body.put("end_time", run.finished());
        }
        server.retrying(() -> server.post("runs/update", body));
    }
}
