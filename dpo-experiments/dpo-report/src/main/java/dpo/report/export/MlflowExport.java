package dpo.report.export;

import dpo.core.InvalidInputException;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.Json;
import dpo.report.html.Report;
import dpo.report.results.Results;
import dpo.report.results.Run;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes the runs of a sweep or a run folder to an experiment of an MLflow server, one MLflow run each: settings as
 * parameters, every metric of every step and evaluation, identity, status and environment as tags, and {@code
 * config.yaml}, {@code run.json} and the run's report as artifacts.
 *
 * <p>An MLflow run belongs to a run by the tags {@code dpo.cell} and {@code dpo.identity}. A repeated export sends only
 * what the server does not have: further steps, changed tags, artifacts of a run that has ended since. So it may be
 * interrupted and repeated at any time.
 */
public final class MlflowExport {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final MlflowExperiment experiment;
    private final List<String> notices = new ArrayList<>();
    private int created;
    private int updated;
    private int unchanged;

    private MlflowExport(MlflowExperiment experiment) {
        this.experiment = experiment;
    }

    /**
     * What an export did.
     *
     * @param created MLflow runs that are new
     * @param updated MLflow runs that were there, and got more
     * @param unchanged MLflow runs that had everything
     * @param left runs that were not written because they are damaged
     * @param notices what a user must know: damaged runs, values that MLflow cannot hold
     */
    public record Outcome(int created, int updated, int unchanged, int left, List<String> notices) {}

    /**
     * Writes the runs.
     *
     * @param folder a sweep's or a run's folder
     * @param server address of the server
     * @param experiment name of the experiment, which is created if it does not exist; empty: the name in the config
     * @param authorization the value of the HTTP header of that name, if the server needs it
     * @param progress receives the id of each run that is created or updated
     * @throws IllegalArgumentException if the folder is neither
     * @throws InvalidInputException if there is no run, the server cannot be reached after several tries, or it refuses
     *     a call
     */
    public static Outcome write(
            Path folder,
            URI server,
            Optional<String> experiment,
            Optional<String> authorization,
            Consumer<String> progress) {
        return write(folder, new MlflowServer(server, authorization, FIRST_PAUSE), experiment, progress);
    }

    static Outcome write(Path folder, MlflowServer server, Optional<String> experiment, Consumer<String> progress) {
        List<Run> runs;
        try (Results results = Results.open(folder)) {
            runs = results.runs();
        }
        if (runs.isEmpty()) {
            throw new InvalidInputException("folder must hold at least one run, got none (" + folder + ")");
        }
        String name = experiment.orElseGet(() -> name(runs, folder));
        MlflowExport export = new MlflowExport(MlflowExperiment.of(server, name));
        int left = 0;
        for (Run run : runs) {
            if (run.status().equals(Run.DAMAGED)) {
                left++;
                export.notices.add("not exported: run " + run.id() + " is damaged: " + run.error());
            } else {
                export.write(new MlflowRun(run), progress);
            }
        }
        return new Outcome(export.created, export.updated, export.unchanged, left, List.copyOf(export.notices));
    }

    private static String name(List<Run> runs, Path folder) {
        return runs.stream()
                .map(run -> run.document().path("name").asString(""))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElseGet(
                        () -> folder.toAbsolutePath().normalize().getFileName().toString());
    }

    private void write(MlflowRun run, Consumer<String> progress) {
        Optional<MlflowExperiment.Stored> before = experiment.find(run);
        String content = run.content();
        if (before.isPresent() && content.equals(before.get().tags().get(MlflowRun.CONTENT))) {
            unchanged++;
            return;
        }
        MlflowExperiment.Stored stored = experiment.findOrCreate(run);
        experiment.log(stored, parameters(run, stored), changed(run.tags(), stored.tags()), points(run, stored));
        Path folder = run.run().folder();
        experiment.store(stored, "config.yaml", folder.resolve("config.yaml"));
        experiment.store(stored, "run.json", folder.resolve("run.json"));
        experiment.store(stored, "report.html", Report.page(folder));
        experiment.end(stored, run);
        if (run.hasEnded()) {
            experiment.log(stored, Map.of(), Map.of(MlflowRun.CONTENT, content), List.of());
        }
        if (before.isPresent()) {
            updated++;
        } else {
            created++;
        }
        progress.accept(run.run().id());
    }

    /** The settings that the server does not have. MLflow never changes a parameter. */
    private Map<String, String> parameters(MlflowRun run, MlflowExperiment.Stored stored) {
        Path config = run.run().folder().resolve("config.yaml");
        Map<String, String> parameters = new LinkedHashMap<>();
        if (!Files.exists(config)) {
            return parameters;
        }
        ExperimentFile.values(config).forEach((path, value) -> {
            String key = MlflowRun.key(path);
            String text = value instanceof String string ? string : value == null ? "null" : Json.line(value);
            String known = stored.parameters().get(key);
            if (text.length() > MlflowExperiment.LONGEST_VALUE) {
                notices.add("parameter " + path + " of run " + run.run().id() + " has " + text.length()
                        + " characters, more than MLflow holds: it is in config.yaml only");
            } else if (known == null) {
                parameters.put(key, text);
            } else if (!known.equals(text)) {
                notices.add("parameter " + path + " of run " + run.run().id() + " stays " + known
                        + " in MLflow, which never changes one; it is " + text);
            }
        });
        return parameters;
    }

    private static Map<String, String> changed(Map<String, String> tags, Map<String, String> known) {
        Map<String, String> changed = new LinkedHashMap<>(tags);
        changed.entrySet().removeIf(tag -> tag.getValue().equals(known.get(tag.getKey())));
        return changed;
    }

    /** The values after those that the server has. */
    private List<MlflowRun.Point> points(MlflowRun run, MlflowExperiment.Stored stored) {
        List<MlflowRun.Point> points = run.points().stream()
                .filter(point -> point.step() > stored.lastSteps().getOrDefault(point.key(), Long.MIN_VALUE))
                .toList();
        long notFinite =
                points.stream().filter(point -> Double.isNaN(point.value())).count();
        if (notFinite > 0) {
            notices.add(notFinite + " values of run " + run.run().id() + " are not finite: MLflow has NaN");
        }
        return points;
    }
}
