package dpo.harness.reproduce;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.ResolvedConfig;
import dpo.harness.store.CheckpointFolder;
import dpo.harness.store.FileChecksum;
import dpo.harness.store.InputFile;
import dpo.harness.store.Manifest;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.store.Sha256;
import dpo.harness.store.UnpackedResource;
import dpo.harness.sweep.Identity;
import dpo.harness.sweep.Placement;
import dpo.harness.sweep.RunInputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A recorded run, to be computed again from its folder alone: its {@code config.yaml}, its number of threads and ranks, and
 * its inputs wherever they are now.
 *
 * @param recorded the folder of the run
 * @param config its configuration, with the present places of its inputs
 * @param notes one sentence per input that is at another place or has another content
 */
public record Reproduction(RunFolder recorded, ExperimentConfig config, List<String> notes) {

    private static final int KEY_DIGITS = 16;
    private static final String CONFIG = "config.yaml";

    /**
     * Finds the inputs of a run.
     *
     * @param data folders that are searched, by content, for inputs that are gone or changed
     * @throws InvalidInputException if the folder does not hold the intact files of a completed run, or inputs cannot
     *     be found; the message lists what was looked for and where
     */
    public static Reproduction of(RunFolder recorded, List<Path> data, Backends backends) {
        RunRecord record = completed(recorded);
        for (Path folder : data) {
            if (!Files.isDirectory(folder)) {
                throw new InvalidInputException("--data must be a folder, got " + folder);
            }
        }
        ExperimentFile file = ExperimentFile.read(recorded.path().resolve(CONFIG), List.of(), backends);
        if (file.isSweep()) {
            throw new InvalidInputException(
                    "config.yaml of a run must be without sweep, got one (" + recorded.path() + ")");
        }
        ExperimentConfig config = file.cells().get(0).config();
        Map<Path, InputSearch.Found> found = find(config, contents(recorded, record), data, backends);
        List<String> notes = found.values().stream()
                .filter(input -> !input.isSame() || !input.place().equals(input.recorded()))
                .map(Reproduction::note)
                .toList();
        ExperimentConfig moved = ResolvedConfig.moved(
                config, path -> Objects.requireNonNull(found.get(path)).place(), threads(config, record), backends);
        return new Reproduction(recorded, moved, notes);
    }

    /** The run as the cell of a sweep. */
    public ExperimentFile.Cell cell() {
        return new ExperimentFile.Cell(record(recorded).settings(), config);
    }

    /**
     * A folder for the new run in the user's cache, the same one for the same run and the same inputs, so that an
     * interrupted reproduction resumes.
     */
    public Path cacheFolder(Identity identity) {
        String key = Sha256.of(recorded.path() + "\n" + identity).substring(0, KEY_DIGITS);
        return UnpackedResource.cache().resolve("reproduce").resolve(key);
    }

    private static RunRecord record(RunFolder folder) {
        return folder.record().orElseThrow();
    }

    private static RunRecord completed(RunFolder folder) {
        if (!folder.holdsRun()) {
            boolean isSweep = Files.isDirectory(folder.path().resolve("runs"));
            throw new InvalidInputException("folder must be that of a run, with run.json, got "
                    + (isSweep
                            ? "that of a sweep, whose runs are in "
                                    + folder.path().resolve("runs")
                            : folder.path()));
        }
        Optional<RunRecord> record = folder.record();
        // A changed config.yaml is a change of settings, which the comparison names. A bundle may have no model.
        Optional<String> damage = record.isEmpty()
                ? folder.damage(true)
                : record.get().files().flatMap(files -> withoutConfig(
                                Files.exists(folder.checkpoints().trained())
                                        ? files
                                        : files.without(CheckpointFolder.NAME))
                        .damage(folder.path()));
        damage.ifPresent(what -> {
            throw new InvalidInputException("run must be undamaged, got: " + what + " (" + folder.path() + ")");
        });
        if (record.orElseThrow().status() != Status.COMPLETED) {
            throw new InvalidInputException("run must be completed, got one that is "
                    + record.get().status().name().toLowerCase(Locale.ROOT) + " (" + folder.path() + ")");
        }
        return record.get();
    }

    private static Manifest withoutConfig(Manifest files) {
        SortedMap<String, FileChecksum> others = new TreeMap<>(files.files());
        others.remove(CONFIG);
        return new Manifest(others);
    }

    /** One process that computes the shares of the recorded ranks, with their bits. */
    public Placement placement() {
        return Placement.inOneProcess(ranks(record(recorded)));
    }

    private static int ranks(RunRecord record) {
        return number(record, "ranks").orElse(1);
    }

    /** The threads of all ranks of the recorded run, unless its configuration says another number. */
    private static int threads(ExperimentConfig config, RunRecord record) {
        return config.threads().orElseGet(() -> number(record, "threads")
                .map(ofRank -> ofRank * ranks(record))
                .orElse(config.execution().threads()));
    }

    private static Optional<Integer> number(RunRecord record, String inEnvironment) {
        return Optional.ofNullable(record.environment().get(inEnvironment))
                .filter(text -> text.matches("[1-9]\\d{0,3}"))
                .map(Integer::valueOf);
    }

    /** The recorded content of the inputs by path; of older runs that of their data only. */
    private static Map<String, SortedMap<String, InputFile>> contents(RunFolder folder, RunRecord record) {
        Map<String, SortedMap<String, InputFile>> contents = new LinkedHashMap<>();
        record.provenance().values().forEach(part -> {
            if (part instanceof Map<?, ?> of
                    && of.get("file") instanceof String file
                    && of.get("sha256") instanceof String sha256) {
                contents.put(file, new TreeMap<>(Map.of(InputFile.ITSELF, new InputFile(InputSearch.UNKNOWN, sha256))));
            }
        });
        RunInputs.in(folder).ifPresent(inputs -> contents.putAll(inputs.files()));
        return contents;
    }

    private static Map<Path, InputSearch.Found> find(
            ExperimentConfig config,
            Map<String, SortedMap<String, InputFile>> contents,
            List<Path> data,
            Backends backends) {
        InputSearch search = new InputSearch(data);
        Map<Path, InputSearch.Found> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (Path path : ResolvedConfig.paths(config, backends)) {
            SortedMap<String, InputFile> content = contents.getOrDefault(path.toString(), new TreeMap<>());
            search.find(path, content)
                    .ifPresentOrElse(input -> found.put(path, input), () -> missing.add(path + described(content)));
        }
        if (!missing.isEmpty()) {
            String places = data.isEmpty()
                    ? "nowhere else; --data DIR names folders to search"
                    : search.size() + " files in "
                            + data.stream().map(Path::toString).collect(Collectors.joining(", "));
            throw new InvalidInputException(
                    "inputs of the run must be at their old places, or in the folders of --data,"
                            + " got none of this content or name:\n  " + String.join("\n  ", missing) + "\nlooked at: "
                            + places);
        }
        return found;
    }

    private static String described(SortedMap<String, InputFile> content) {
        return content.entrySet().stream()
                .limit(3)
                .map(file -> (file.getKey() + " SHA-256 " + file.getValue().sha256()).strip())
                .collect(Collectors.joining(", ", content.isEmpty() ? "" : ": ", content.size() > 3 ? ", …" : ""));
    }

    private static String note(InputSearch.Found input) {
        return input.isSame()
                ? "found: " + input.recorded() + " is now " + input.place()
                : "changed: " + input.place() + " has another content than "
                        + (input.place().equals(input.recorded()) ? "it had" : input.recorded() + " had");
    }
}
