package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.harness.config.Halving;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cells of a configuration file and their run folders.
 *
 * <pre>
 *  config.yaml    the configuration file of the last start
 *  ledger.jsonl   starts and ends of runs
 *  ledger/        the same of each worker
 *  runs/ID/       one folder per cell
 *  reference/     reference log-probabilities shared by the cells
 *  superseded/    runs that the configuration no longer contains
 *  leases/        which worker computes what; see {@link Leases}
 * </pre>
 */
public final class Sweep {

    /** Folder of the leases, in that of the sweep. */
    public static final String LEASES = "leases";

    private final Path folder;
    private final List<PlannedRun> runs;
    private final Optional<Halving> halving;
    private final Set<String> ids;
    private final Path current;
    private final Path superseded;

    /** A sweep that computes all its cells. */
    public Sweep(Path folder, List<PlannedRun> runs) {
        this(folder, runs, Optional.empty());
    }

    /**
     * @param runs the cells, planned with the same {@code halving}
     * @param halving how settings are dropped before their end; empty if all cells are computed
     */
    public Sweep(Path folder, List<PlannedRun> runs, Optional<Halving> halving) {
        this.folder = folder;
        this.halving = halving;
        this.runs = List.copyOf(runs);
        this.ids = runs.stream().map(PlannedRun::id).collect(Collectors.toSet());
        this.current = folder.resolve("runs");
        this.superseded = folder.resolve("superseded");
    }

    /** The cells without a result, in order. Only {@link #run} reads all bytes of the trained models. */
    public List<PlannedRun> withoutResult() {
        Map<String, RunFolder> elsewhere = elsewhere();
        return runs.stream()
                .filter(run -> !RunExecution.isComplete(found(run, elsewhere), run, false))
                .toList();
    }

    /**
     * The outcome of the cells.
     *
     * @param computed cells that were completed in this start
     * @param alreadyThere cells whose result already existed, is that of an equal cell, or came from another worker
     * @param failed cells that failed, or whose files were removed before the end
     * @param dropped cells that successive halving dropped before their end
     * @param interrupted whether a stop was requested before the end
     */
    public record Outcome(int computed, int alreadyThere, int failed, int dropped, boolean interrupted) {}

    /**
     * Computes the cells without a result, in the order of the file. If several run in parallel, cells that need other
     * settings of the process run after the others. The number of parallel cells changes no result.
     *
     * @param atOnce number of cells computed in parallel, one thread per cell
     * @param configText the configuration file, copied to the folder
     * @param progress receives the number of completed cells, and the progress of each running one
     * @param print receives one line of text per event of a cell, on the thread that computes it
     * @throws OutputException if the folder cannot be written, after the running cells have stopped at a step boundary
     */
    public Outcome run(
            RunExecution execution, int atOnce, String configText, Progress progress, Consumer<String> print) {
        DurableFiles.createFolder(current);
        writeConfig(configText, execution.leases());
        Ledger ledger = Ledger.of(folder, execution.leases(), print);
        if (execution.leases().isPresent()) {
            requireSameRuns();
        } else {
            requireNoWorkers();
            arrange(print);
        }
        KnownCells known = new KnownCells(this::folderOf);
        known.begin(runs);
        Stages stages =
                new Stages(this::folderOf, known, ledger, execution, this::requireSameRuns, atOnce, progress, print);
        List<PlannedRun> left = runs;
        boolean isWhole = true;
        for (int rung : halving.map(Halving::rungs).orElse(List.of())) {
            isWhole = isWhole && stages.compute(left, OptionalInt.of(rung));
            left = isWhole ? afterRung(rung, left, ledger, print) : left;
        }
        isWhole = isWhole && stages.compute(left, OptionalInt.empty());
        if (isWhole) {
            reportCorrelations(left, print);
        }
        int lost = lost(known.completed(), print);
        return new Outcome(
                known.completed().size() - lost,
                runs.size() - known.missing() + known.completedElsewhere().size(),
                known.failed().size() + lost,
                isWhole ? dropped(left) : 0,
                !isWhole);
    }

    /** Drops the settings that do not continue after a rung, and records the decision if it is new. */
    private List<PlannedRun> afterRung(int rung, List<PlannedRun> before, Ledger ledger, Consumer<String> print) {
        SuccessiveHalving.Decision decision =
                new SuccessiveHalving(halving.orElseThrow(), this::folderOf).decide(rung, before);
        if (!ledger.holds(decision)) {
            ledger.append(decision);
            print.accept("halving at step " + rung + " by " + decision.metric() + ": "
                    + decision.kept().size() + " runs continue, "
                    + decision.dropped().size() + " are dropped");
        }
        Set<String> kept = Set.copyOf(decision.kept());
        return before.stream().filter(run -> kept.contains(run.id())).toList();
    }

    /** Number of runs without a result that do not continue. */
    private int dropped(List<PlannedRun> left) {
        Set<String> continued = left.stream().map(PlannedRun::id).collect(Collectors.toSet());
        return (int) runs.stream()
                .filter(run -> !continued.contains(run.id()) && !RunExecution.isComplete(folderOf(run), run, false))
                .count();
    }

    private void reportCorrelations(List<PlannedRun> left, Consumer<String> print) {
        halving.ifPresent(given -> given.rungs().forEach(rung -> new SuccessiveHalving(given, this::folderOf)
                .rankCorrelation(rung, left)
                .ifPresent(correlation -> print.accept(String.format(
                        Locale.ROOT,
                        "rank correlation of %s at step %d with the end, over the settings left: %.2f",
                        given.metric(),
                        rung,
                        correlation)))));
    }

    /** Prints and counts the cells that this start completed and whose files are now damaged or missing. */
    private int lost(Set<String> completed, Consumer<String> print) {
        int lost = 0;
        for (String id : completed) {
            Optional<String> damage = new RunFolder(current.resolve(id)).damage(false);
            damage.ifPresent(what -> print.accept(id + " failed: " + what + "; the same command computes it again"));
            lost += damage.isPresent() ? 1 : 0;
        }
        return lost;
    }

    /** Unless it is there, or another worker is writing it. */
    private void writeConfig(String text, Optional<Leases> leases) {
        Path file = folder.resolve("config.yaml");
        if (leases.isEmpty()) {
            DurableFiles.write(file, text);
        } else if (!Files.exists(file)) {
            leases.get().claim("config").ifPresent(claimed -> {
                try (Lease lease = claimed) {
                    DurableFiles.write(file, text);
                }
            });
        }
    }

    /** Workers move no runs, since others may compute them. */
    private void requireSameRuns() {
        notAskedFor().stream().findFirst().ifPresent(other -> {
            throw new InvalidInputException("workers must have the configuration, inputs and program of all runs in the"
                    + " folder, got " + other.name() + ", which " + difference(other, bySettings())
                    + "; dpo sweep without --worker moves such runs to " + superseded);
        });
    }

    /** Nothing in the folder may move while a worker computes. */
    private void requireNoWorkers() {
        try (Leases leases = new Leases(folder.resolve(LEASES), "", Duration.ofSeconds(8))) {
            leases.anyHolder().ifPresent(worker -> {
                throw new OutputException("output folder must be in use by no worker, got one in use by " + worker
                        + " (" + folder + "); start with --worker to share the work");
            });
        }
    }

    private RunFolder folderOf(PlannedRun run) {
        return new RunFolder(current.resolve(run.id()));
    }

    /**
     * Makes {@code runs/} hold exactly the runs of the configuration, so that no table counts a run twice or shows one
     * that the configuration does not contain. A run whose name changed because the sweep has other keys is renamed; a
     * superseded run moves back if the configuration contains it again.
     */
    private void arrange(Consumer<String> print) {
        Map<String, RunFolder> elsewhere = elsewhere();
        for (PlannedRun run : runs) {
            RunFolder found = found(run, elsewhere);
            if (!found.equals(folderOf(run))) {
                DurableFiles.moveFolder(found.path(), folderOf(run).path());
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
        RunFolder place = folderOf(run);
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
        RunFolder place = folderOf(run);
        place.record()
                .filter(record -> !record.id().equals(run.id())
                        || !Json.line(record.settings()).equals(Json.line(run.settings())))
                .ifPresent(record -> place.write(record.renamed(run.id(), run.settings())));
    }
}
