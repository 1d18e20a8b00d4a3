package dpo.report.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes run folders by hand, in the documented file formats, without checksums. */
public final class RunFolderWriter {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final Map<String, @Nullable Object> document = new LinkedHashMap<>();
    private final Map<String, List<String>> lines = new LinkedHashMap<>();

    private RunFolderWriter(Path folder, String id) {
        this.folder = folder;
        document.put("format", 1);
        document.put("id", id);
        document.put("name", "by hand");
        document.put("status", "completed");
        document.put("started", "2026-01-01T00:00:00Z");
        document.put("seconds", 12.5);
        for (String part : List.of("settings", "identity", "provenance", "environment", "result")) {
            document.put(part, Map.of());
        }
    }

    /** A run of the sweep in {@code sweep}. */
    public static RunFolderWriter run(Path sweep, String id) {
        return new RunFolderWriter(sweep.resolve("runs").resolve(id), id);
    }

    public RunFolderWriter with(String key, @Nullable Object value) {
        document.put(key, value);
        return this;
    }

    public RunFolderWriter settings(Map<String, ?> settings) {
        return with("settings", settings);
    }

    public RunFolderWriter result(Map<String, ?> result) {
        return with("result", result);
    }

    /** Adds an unchecked line to {@code name}.jsonl. */
    public RunFolderWriter line(String name, String line) {
        lines.computeIfAbsent(name, key -> new ArrayList<>()).add(line);
        return this;
    }

    public RunFolderWriter line(String name, Map<String, ?> values) {
        return line(name, JSON.writeValueAsString(values) + "\n");
    }

    public Path write() {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("run.json"), JSON.writeValueAsString(document));
            for (Map.Entry<String, List<String>> file : lines.entrySet()) {
                Files.writeString(folder.resolve(file.getKey() + ".jsonl"), String.join("", file.getValue()));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
