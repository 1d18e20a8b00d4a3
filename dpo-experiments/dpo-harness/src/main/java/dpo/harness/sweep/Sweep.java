package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.harness.config.Halving;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

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
    private final Set<String> mine;
    private final RunFolders folders;

    /** A sweep that computes all its cells. */
    public Sweep(Path folder, List<PlannedRun> runs) {
        this(folder, runs, Optional.empty());
    }

    /**
     * @param runs the cells, planned with the same {@code halving}
     * @param halving how settings are dropped before their end; empty if all cells are computed
     */
    public Sweep(Path folder, List<PlannedRun> runs, Optional<Halving> halving) {
        this(folder, runs, halving, ids(runs));
    }

    private Sweep(Path folder, List<PlannedRun> runs, Optional<Halving> halving, Set<String> mine) {
        this.folder = folder;
        this.halving = halving;
        this.runs = List.copyOf(runs);
        this.mine = mine;
        this.folders = new RunFolders(folder, this.runs);
    }

    private static Set<String> ids(List<PlannedRun> runs) {
        return runs.stream().map(PlannedRun::id).collect(Collectors.toSet());
    }

    /**
     * This sweep for a worker that computes some of its cells only, waits for no others, and computes a cell up to the
     * next rung of halving that needs others.
     *
     * @param cells ids of the cells; none for a process that only looks how far the others are
     * @throws InvalidInputException if the sweep has no such cell
     */
    public Sweep only(Set<String> cells) {
        Set<String> ids = ids(runs);
        cells.stream().filter(cell -> !ids.contains(cell)).findFirst().ifPresent(cell -> {
            throw new InvalidInputException("cell must be one of the " + ids.size() + " of the sweep, got " + cell);
        });
        return new Sweep(folder, runs, halving, Set.copyOf(cells));
    }

    /** The cells without a result, in order. Only {@link #run} reads all bytes of the trained models. */
    public List<PlannedRun> withoutResult() {
        return folders.withoutResult();
    }

    /** How far the run of a cell has come, if it has begun. */
    public Optional<Status> status(PlannedRun run) {
        return folders.of(run).record().map(RunRecord::status);
    }

    /**
     * The outcome of the cells.
     *
     * @param computed cells that were completed in this start
     * @param alreadyThere cells whose result already existed, is that of an equal cell, or came from another worker
     * @param failed cells that failed, or whose files were removed before the end
     * @param dropped cells that successive halving dropped before their end
     * @param open cells that are left to do, up to the next rung of halving if there is one
     * @param interrupted whether a stop was requested before the end
     */
    public record Outcome(
            int computed, int alreadyThere, int failed, int dropped, List<String> open, boolean interrupted) {}

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
        DurableFiles.createFolder(folders.current());
        writeConfig(configText, execution.leases());
        Ledger ledger = Ledger.of(folder, execution.leases(), print);
        if (execution.leases().isPresent()) {
            folders.requireSameRuns();
        } else {
            requireNoWorkers();
            folders.arrange(print);
        }
        // With halving, the others decide whether this process' cells continue.
        List<PlannedRun> left = halving.isPresent() || mine.isEmpty() ? runs : mine(runs);
        int concerned = left.size();
        KnownCells known = new KnownCells(folders::of);
        known.begin(left, mine, execution::isComplete);
        Stages stages =
                new Stages(folders::of, known, ledger, execution, folders::requireSameRuns, atOnce, progress, print);
        List<String> open = List.of();
        for (int rung : halving.map(Halving::rungs).orElse(List.of())) {
            open = open.isEmpty() ? open(stages, known, left, OptionalInt.of(rung)) : open;
            left = open.isEmpty() ? afterRung(rung, left, ledger, print) : left;
        }
        open = open.isEmpty() ? open(stages, known, left, OptionalInt.empty()) : open;
        if (open.isEmpty()) {
            reportCorrelations(left, print);
        }
        int lost = lost(known.completed(), print);
        return new Outcome(
                known.completed().size() - lost,
                concerned - known.missing() + known.completedElsewhere().size(),
                known.failed().size() + lost,
                open.isEmpty() ? dropped(left) : 0,
                open,
                stages.isInterrupted());
    }

    /** Computes this process' part of a stage, and returns the cells that are not at its end. */
    private List<String> open(Stages stages, KnownCells known, List<PlannedRun> cells, OptionalInt rung) {
        stages.compute(mine(cells), rung);
        return cells.stream()
                .filter(run -> mine.contains(run.id()) ? !known.isDone(run, rung) : known.isLeft(run, rung))
                .map(PlannedRun::id)
                .distinct()
                .toList();
    }

    private List<PlannedRun> mine(List<PlannedRun> cells) {
        return cells.stream().filter(run -> mine.contains(run.id())).toList();
    }

    /** Drops the settings that do not continue after a rung, and records the decision if it is new. */
    private List<PlannedRun> afterRung(int rung, List<PlannedRun> before, Ledger ledger, Consumer<String> print) {
        SuccessiveHalving.Decision decision =
                new SuccessiveHalving(halving.orElseThrow(), folders::of).decide(rung, before);
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
                .filter(run -> !continued.contains(run.id()) && !RunExecution.isComplete(folders.of(run), run, false))
                .count();
    }

    private void reportCorrelations(List<PlannedRun> left, Consumer<String> print) {
        halving.ifPresent(given -> given.rungs().forEach(rung -> new SuccessiveHalving(given, folders::of)
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
            Optional<String> damage = folders.of(id).damage(false);
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

    /** Nothing in the folder may move while a worker computes. */
    private void requireNoWorkers() {
        try (Leases leases = new Leases(folder.resolve(LEASES), "", Duration.ofSeconds(8))) {
            leases.anyHolder().ifPresent(worker -> {
                throw new OutputException("output folder must be in use by no worker, got one in use by " + worker
                        + " (" + folder + "); start with --worker to share the work");
            });
        }
    }
}
