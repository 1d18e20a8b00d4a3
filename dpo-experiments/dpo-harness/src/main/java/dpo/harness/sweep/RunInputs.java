package dpo.harness.sweep;

import dpo.harness.config.Backends;
import dpo.harness.config.ResolvedConfig;
import dpo.harness.run.RowDigest;
import dpo.harness.store.InputFile;
import dpo.harness.store.Json;
import dpo.harness.store.RunFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a run reads, in such detail that two runs can be compared: the content of {@code provenance/inputs.json}. Runs
 * that were computed before this file existed do not have it.
 *
 * @param settings the settings that can change a result, by dotted path
 * @param files for each file or folder in the configuration, its files by name
 * @param rows the digest of each row after tokenization, by part of the data
 * @param tensors the checksum of each tensor of the model before training
 * @param classes the short hash of each class file that affects numbers
 */
public record RunInputs(
        Map<String, @Nullable Object> settings,
        Map<String, SortedMap<String, InputFile>> files,
        Map<String, List<RowDigest>> rows,
        Map<String, String> tensors,
        Map<String, String> classes) {

    /** The name of the part of the provenance. */
    private static final String PART = "inputs";

    private static final int DIGITS = 12;

    /**
     * The inputs of a run.
     *
     * @param tensors checksums of the model before training
     * @param contents the content of a file or folder, see {@link InputFile#at}
     * @param code the hash of each class file that affects numbers, by name
     */
    static RunInputs of(
            PlannedRun run,
            Map<String, String> tensors,
            Function<Path, SortedMap<String, InputFile>> contents,
            SortedMap<String, String> code,
            Backends backends) {
        Map<String, SortedMap<String, InputFile>> files = new LinkedHashMap<>();
        for (Path path : ResolvedConfig.paths(run.config(), backends)) {
            files.put(path.toString(), contents.apply(path));
        }
        Map<String, String> classes = new LinkedHashMap<>();
        code.forEach(
                (file, hash) -> classes.put(file.replace(".class", "").replace('/', '.'), hash.substring(0, DIGITS)));
        return new RunInputs(
                ResolvedConfig.effective(run.config(), backends),
                files,
                run.data().rows(),
                tensors,
                classes);
    }

    /** The inputs that a folder records; empty if it has none, or a damaged file. */
    public static Optional<RunInputs> in(RunFolder folder) {
        return folder.provenance(PART).flatMap(text -> {
            try {
                return Optional.of(Json.read(text, RunInputs.class));
            } catch (IllegalArgumentException damaged) {
                return Optional.empty();
            }
        });
    }

    void write(RunFolder folder) {
        folder.writeProvenance(PART, Json.line(this) + "\n");
    }
}
