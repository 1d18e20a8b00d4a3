package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.harness.store.CheckpointFolder;
import dpo.harness.store.Manifest;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.sweep.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds the run folders of a sweep, or the one run folder given, and reads each {@code run.json}. */
final class RunFolders {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Number of threads that read runs. */
    private static final int AT_ONCE = Runtime.getRuntime().availableProcessors();

    private RunFolders() {}

    /**
     * Reads the runs, sorted by folder name, and checks their files; see {@link RunFolder#damage}.
     *
     * @throws IllegalArgumentException if the folder is neither a sweep's nor a run's
     */
    static List<Run> read(Path folder) {
        // An extracted bundle may have no models.
        boolean isBundle = Files.exists(folder.resolve("bundle.json"));
        if (new RunFolder(folder).holdsRun()) {
            return List.of(run(new RunFolder(folder), isBundle));
        }
        Path runs = folder.resolve("runs");
        if (!Files.isDirectory(runs)) {
            throw new IllegalArgumentException(
                    "folder must be a sweep's (with runs/) or a run's (with run.json), got " + folder);
        }
        return Workers.run(
                AT_ONCE,
                RunFolder.in(runs).stream()
                        .<Supplier<Run>>map(run -> () -> run(run, isBundle))
                        .toList(),
                () -> {});
    }

    /** Reads a run; a damaged one must not hide the other results. */
    private static Run run(RunFolder folder, boolean isBundle) {
        Optional<String> damage = isBundle ? damageBesidesModel(folder) : folder.damage(false);
        JsonNode document;
        try {
            document = JSON.readTree(Files.readString(folder.path().resolve("run.json")));
        } catch (JacksonException | IOException e) {
            document = JSON.createObjectNode();
        }
        Run run = run(folder.path(), document.isObject() ? document : JSON.createObjectNode());
        return damage.map(run::damaged).orElse(run);
    }

    private static Optional<String> damageBesidesModel(RunFolder folder) {
        Optional<Manifest> files = folder.record().flatMap(RunRecord::files);
        return files.isPresent()
                ? files.get().without(CheckpointFolder.NAME).damage(folder.path())
                : folder.damage(true);
    }

    private static Run run(Path folder, JsonNode document) {
        Map<String, Object> settings = new LinkedHashMap<>();
        document.path("settings").properties().forEach(entry -> flatten(entry.getKey(), entry.getValue(), settings));
        Map<String, Double> result = new LinkedHashMap<>();
        document.path("result").properties().forEach(entry -> {
            if (entry.getValue().isNumber() || entry.getValue().isNull()) {
                result.put(entry.getKey(), entry.getValue().asDouble(Double.NaN));
            }
        });
        return new Run(
                folder,
                document.path("id")
                        .asString(folder.toAbsolutePath()
                                .normalize()
                                .getFileName()
                                .toString()),
                document.path("status").asString(Run.DAMAGED),
                settings,
                result,
                document.path("seconds").asDouble(Double.NaN),
                document.path("error").asString(""),
                document);
    }

    private static void flatten(String path, JsonNode value, Map<String, Object> settings) {
        if (value.isObject() && !value.isEmpty()) {
            value.properties().forEach(entry -> flatten(path + "." + entry.getKey(), entry.getValue(), settings));
        } else if (value.isIntegralNumber()) {
            settings.put(path, value.longValue());
        } else if (value.isNumber()) {
            settings.put(path, value.doubleValue());
        } else if (value.isBoolean()) {
            settings.put(path, value.booleanValue());
        } else if (value.isNull()) {
            settings.put(path, SettingValue.NULL);
        } else {
            settings.put(path, value.isString() ? string(value.stringValue()) : SettingValue.ofJson(value.toString()));
        }
    }

    /** A string, or a number that JSON cannot represent. */
    private static Object string(String text) {
        return switch (text) {
            case ".inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> SettingValue.ofJson(text);
            default -> text;
        };
    }
}
