package dpo.experiments.sweep;

import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.RunFolder;
import dpo.experiments.store.RunRecord;
import dpo.experiments.store.RunRecord.Status;
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

    /** Moves runs of the same settings but another content out of the way of the results; nothing is deleted. */
    private void supersede(Consumer<String> tell) {
        List<String> current = runs.stream().map(PlannedRun::id).toList();
        List<String> labels = runs.stream().map(PlannedRun::label).toList();
        try (var folders = Files.list(folder.resolve("runs"))) {
            for (Path old : folders.toList()) {
                String id = old.getFileName().toString();
                int dash = id.lastIndexOf('-');
                if (!current.contains(id) && dash > 0 && labels.contains(id.substring(0, dash))) {
                    Path target = DurableFiles.createFolder(folder.resolve("superseded")).resolve(id);
                    DurableFiles.delete(target);
                    Files.move(old, target);
                    tell.accept("superseded: " + id + " was computed with other configuration, data, model or code");
                }
            }
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        }
    }
}
