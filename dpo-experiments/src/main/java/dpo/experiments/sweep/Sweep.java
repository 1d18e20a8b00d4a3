package dpo.experiments.sweep;

import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.RunFolder;
import dpo.experiments.store.RunRecord.Status;
import dpo.experiments.store.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The cells of a configuration file as a folder of runs.
 *
 * <pre>
 *  config.yaml    the configuration file of the last start
 *  ledger.jsonl   starts and ends of runs
 *  runs/ID/       a folder a cell
 *  reference/     reference log-probabilities shared by the cells
 *  superseded/    runs of the same settings whose data, model, code or other configuration has changed since
 * </pre>
 */
public final class Sweep {

    private final Path folder;
    private final List<PlannedRun> runs;
    private final Ledger ledger;

    public Sweep(Path folder, List<PlannedRun> runs) {
        this.folder = folder;
        this.runs = List.copyOf(runs);
        this.ledger = new Ledger(folder);
    }

    /**
     * What became of the cells.
     *
     * @param computed cells that were computed in this start
     * @param alreadyThere cells whose result was there before
     * @param failed cells that failed
     * @param interrupted whether a stop was requested before the end
     */
    public record Outcome(int computed, int alreadyThere, int failed, boolean interrupted) {}

    /**
     * Computes the cells that have no result yet, in order.
     *
     * @param configText the configuration file, kept in the folder
     * @param tell takes a line of text about each cell
     */
    public Outcome run(RunExecution execution, String configText, Consumer<String> tell) {
        DurableFiles.createFolder(folder.resolve("runs"));
        DurableFiles.write(folder.resolve("config.yaml"), configText);
        supersede(tell);
        int computed = 0;
        int alreadyThere = 0;
        int failed = 0;
        for (int i = 0; i < runs.size(); i++) {
            PlannedRun run = runs.get(i);
            RunFolder runFolder = new RunFolder(folder.resolve("runs").resolve(run.id()));
            if (RunExecution.isComplete(runFolder, run)) {
                alreadyThere++;
                continue;
            }
            if (execution.isStopRequested()) {
                return new Outcome(computed, alreadyThere, failed, true);
            }
            String cell = "[" + (i + 1) + "/" + runs.size() + "] " + run.id();
            tell.accept(cell);
            ledger.append(run.id(), Status.RUNNING);
            RunRecord record = execution.execute(run, runFolder);
            ledger.append(run.id(), record.status());
            if (record.status() == Status.INTERRUPTED) {
                return new Outcome(computed, alreadyThere, failed, true);
            }
            computed++;
            if (record.status() == Status.FAILED) {
                failed++;
                tell.accept(cell + " failed: " + record.error().orElse(""));
            }
        }
        return new Outcome(computed, alreadyThere, failed, false);
    }

    /**
     * Moves runs of the same settings but another content out of the way of the results, and back where they are wanted
     * again.
     */
    private void supersede(Consumer<String> tell) {
        Path current = folder.resolve("runs");
        Path superseded = folder.resolve("superseded");
        List<String> ids = runs.stream().map(PlannedRun::id).toList();
        List<String> labels = ids.stream().map(Sweep::withoutHash).toList();
        for (String id : namesIn(superseded)) {
            if (ids.contains(id) && !Files.exists(current.resolve(id))) {
                move(superseded.resolve(id), current.resolve(id));
            }
        }
        for (String id : namesIn(current)) {
            if (!ids.contains(id) && labels.contains(withoutHash(id))) {
                DurableFiles.delete(superseded.resolve(id));
                move(current.resolve(id), superseded.resolve(id));
                tell.accept("superseded: " + id + " was computed with other configuration, data, model or code");
            }
        }
    }

    private static String withoutHash(String id) {
        return id.substring(0, Math.max(0, id.lastIndexOf('-')));
    }

    private static List<String> namesIn(Path parent) {
        if (!Files.exists(parent)) {
            return List.of();
        }
        try (var folders = Files.list(parent)) {
            return folders.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw OutputException.writing(parent, e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            DurableFiles.createFolder(to.getParent());
            Files.move(from, to);
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }
}
