package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The run folders of a sweep: those of its cells, and those that its configuration no longer contains. */
final class RunFolders {

    private final List<PlannedRun> runs;
    private final Set<String> ids;
    private final Path current;
    private final Path superseded;

    /**
     * @param folder folder of the sweep
     * @param runs its cells
     */
    RunFolders(Path folder, List<PlannedRun> runs) {
        this.runs = runs;
        this.ids = runs.stream().map(PlannedRun::id).collect(Collectors.toSet());
        this.current = folder.resolve("runs");
        this.superseded = folder.resolve("superseded");
    }

    /** The folder that holds those of the cells. */
    Path current() {
        return current;
    }

    /** The folder of a cell. */
    RunFolder of(PlannedRun run) {
        return of(run.id());
    }

    /** The folder of a cell by its id. */
    RunFolder of(String id) {
        return new RunFolder(current.resolve(id));
    }

    /** The cells without a result, in order. */
    List<PlannedRun> withoutResult() {
        Map<String, RunFolder> elsewhere = elsewhere();
        return runs.stream()
                .filter(run -> !RunExecution.isComplete(found(run, elsewhere), run, false))
                .toList();
    }

    /** Workers move no runs, since others may compute them. */
    void requireSameRuns() {
        notAskedFor().stream().findFirst().ifPresent(other -> {
            throw new InvalidInputException("workers must have the configuration, inputs and program of all runs in the"
                    + " folder, got " + other.name() + ", which " + difference(other, bySettings())
                    + "; dpo sweep without --worker moves such runs to " + superseded);
        });
    }

    /**
     * Makes {@code runs/} hold exactly the runs of the configuration, so that no table counts a run twice or shows one
     * that the configuration does not contain. A run whose name changed because the sweep has other keys is renamed; a
     * superseded run moves back if the configuration contains it again.
     */
    void arrange(Consumer<String> print) {
        Map<String, RunFolder> elsewhere = elsewhere();
        for (PlannedRun run : runs) {
            RunFolder found = found(run, elsewhere);
            if (!found.equals(of(run))) {
                DurableFiles.moveFolder(found.path(), of(run).path());
                elsewhere.remove(run.identity().shortHash());
            }
            rename(run);
        }
        List<RunFolder> others = notAskedFor();
        Map<String, PlannedRun> bySettings = others.isEmpty() ? Map.of() : bySettings();
        for (RunFolder other : others) {
            String difference = difference(other, bySettings);
            Path place = superseded.resolve(other.name());
            DurableFiles.delete(place);
            DurableFiles.moveFolder(other.path(), place);
            print.accept("superseded: " + other.name() + " " + difference);
        }
    }

    private Map<String, PlannedRun> bySettings() {
        Map<String, PlannedRun> runs = new HashMap<>();
        this.runs.forEach(run -> runs.putIfAbsent(Json.line(run.settings()), run));
        return runs;
    }

    /** Why a run is superseded: the parts of its identity that differ, or that no cell has its settings. */
    private static String difference(RunFolder other, Map<String, PlannedRun> bySettings) {
        Optional<RunRecord> record = other.record();
        return record.map(found -> bySettings.get(Json.line(found.settings())))
                .map(run -> "was computed with other "
                        + run.identity().differences(record.get().identity()))
                .orElse("is not in this configuration");
    }

    /** The folder that holds a run so far; its own folder if there is none. */
    private RunFolder found(PlannedRun run, Map<String, RunFolder> elsewhere) {
        RunFolder place = of(run);
        return Files.exists(place.path())
                ? place
                : elsewhere.getOrDefault(run.identity().shortHash(), place);
    }

    /** Runs with names that are not in the configuration, and superseded ones, by the short hash in their names. */
    private Map<String, RunFolder> elsewhere() {
        Map<String, RunFolder> elsewhere = new HashMap<>();
        Stream.of(notAskedFor(), RunFolder.in(superseded))
                .flatMap(List::stream)
                .forEach(other -> elsewhere.putIfAbsent(PlannedRun.hashIn(other.name()), other));
        return elsewhere;
    }

    private List<RunFolder> notAskedFor() {
        return RunFolder.in(current).stream()
                .filter(other -> !ids.contains(other.name()))
                .toList();
    }

    /** Updates name and settings in a run's record if its place in the sweep has changed. */
    private void rename(PlannedRun run) {
        RunFolder place = of(run);
        place.record()
                .filter(record -> !record.id().equals(run.id())
                        || !Json.line(record.settings()).equals(Json.line(run.settings())))
                .ifPresent(record -> place.write(record.renamed(run.id(), run.settings())));
    }
}
