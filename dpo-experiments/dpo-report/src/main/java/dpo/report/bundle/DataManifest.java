package dpo.report.bundle;

import com.fasterxml.jackson.annotation.JsonInclude;
import dpo.core.InvalidInputException;
import dpo.harness.store.Json;
import dpo.harness.store.OutputException;
import dpo.report.results.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The content of {@code data.json}: what the runs were computed from.
 *
 * @param files data files by hash
 * @param sampled data that were sampled, not read
 * @param models fingerprints of the models before training, with their settings
 */
record DataManifest(SortedMap<String, DataFile> files, SortedSet<String> sampled, SortedMap<String, Object> models) {

    static final String FILE = "data.json";

    /**
     * A data file that runs have read.
     *
     * @param name its name at the time
     * @param bytes its length; empty if the file is no longer in its place
     * @param rows rows that were read
     * @param used rows that became examples, by part of the data
     * @param entry its entry in the bundle, if the bundle has it
     */
    record DataFile(
            String name,
            Optional<Long> bytes,
            @JsonInclude(JsonInclude.Include.ALWAYS) String rows,
            SortedMap<String, String> used,
            Optional<String> entry) {}

    /** Collects the data of runs and, if the files are to be in the bundle, the places of the files. */
    static DataManifest of(List<Run> runs, boolean withData, Map<String, Path> into) {
        DataManifest manifest = new DataManifest(new TreeMap<>(), new TreeSet<>(), new TreeMap<>());
        for (Run run : runs) {
            run.document().path("provenance").properties().forEach(part -> {
                JsonNode origin = part.getValue();
                if (origin.has("fingerprint")) {
                    manifest.models.put(origin.path("fingerprint").asString(""), origin.path("settings"));
                } else if (origin.has("sha256")) {
                    manifest.add(part.getKey(), origin, withData, into);
                } else if (origin.has("source")) {
                    manifest.sampled.add(
                            part.getKey() + ": " + origin.path("source").asString("") + ", "
                                    + origin.path("world").asString("") + ", seed "
                                    + origin.path("seed").asString("") + ", "
                                    + origin.path("used").asString("") + " pairs");
                }
            });
        }
        return manifest;
    }

    /**
     * Reads {@code data.json}.
     *
     * @throws InvalidInputException if the text is not such a file
     */
    static DataManifest read(Path file) {
        try {
            return Json.unsealed(Files.readString(file), DataManifest.class);
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidInputException(FILE + " must be as it was written, got: " + e.getMessage(), e);
        }
    }

    private void add(String part, JsonNode origin, boolean withData, Map<String, Path> into) {
        String sha256 = origin.path("sha256").asString("");
        DataFile known = files.get(sha256);
        if (known != null) {
            known.used.put(part, origin.path("used").asString(""));
            return;
        }
        Optional<Path> place = place(origin.path("file").asString(""), sha256);
        String name = Path.of(origin.path("file").asString("")).getFileName().toString();
        String entry = "data/" + sha256.substring(0, 12) + "-" + name;
        if (withData) {
            into.put(
                    entry,
                    place.orElseThrow(() -> new InvalidInputException("data file must be in its place with the content"
                            + " that the runs have read (SHA-256 " + sha256 + "), got none or another ("
                            + origin.path("file").asString("") + "); leave out --with-data")));
        }
        SortedMap<String, String> used = new TreeMap<>();
        used.put(part, origin.path("used").asString(""));
        files.put(
                sha256,
                new DataFile(
                        name,
                        place.map(DataManifest::size),
                        origin.path("read").asString(""),
                        used,
                        withData ? Optional.of(entry) : Optional.empty()));
    }

    /** The file, if it is still there unchanged. */
    private static Optional<Path> place(String file, String sha256) {
        try {
            return Optional.of(Path.of(file)).filter(Files::isRegularFile).filter(path -> HashedFile.sha256(path)
                    .equals(sha256));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }
}
