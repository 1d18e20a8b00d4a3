package dpo.harness.sweep;

import dpo.core.backend.Ranks;
import dpo.harness.config.BackendModel;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import dpo.train.TrainingFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The processes of the ranks of a run other than this one, which is rank 0. They are children of this process, and end
 * when their standard input ends, as it does if this process dies.
 */
final class RankProcesses implements AutoCloseable {

    /** What a rank prints when it is ready to meet the others. */
    static final String READY = "ready";

    private static final int SECONDS_UNTIL_SEEN = 10;

    private final Path folder;
    private final Ranks ranks;
    private final List<Process> others;

    /** @param folder of the file at which the ranks meet */
    private RankProcesses(Path folder, Ranks ranks, List<Process> others) {
        this.folder = folder;
        this.ranks = ranks;
        this.others = others;
    }

    /** Starts the process of a rank, given its number, its device, and the file at which all ranks meet. */
    @FunctionalInterface
    interface Starter {
        Process start(int rank, String device, Path meeting) throws IOException;
    }

    /**
     * Starts the processes; none if this one computes all shares.
     *
     * @param devices one per process
     */
    static RankProcesses start(Placement placement, List<String> devices, BackendModel<?> model, Starter starter) {
        int count = placement.processes();
        if (count == 1) {
            return new RankProcesses(Path.of(""), Ranks.inTurn(placement.ranks()), List.of());
        }
        Path folder = temporaryFolder();
        Path meeting = folder.resolve("meeting");
        List<Process> others = new ArrayList<>();
        // A process that dies while others wait for it at the meeting would not be noticed.
        Runnable untilAllAreReady = () -> others.forEach(RankProcesses::awaitReady);
        RankProcesses processes = new RankProcesses(
                folder, model.backend().join(devices.get(0), 0, count, meeting, untilAllAreReady), others);
        try {
            for (int rank = 1; rank < count; rank++) {
                others.add(starter.start(rank, devices.get(rank), meeting));
            }
            return processes;
        } catch (IOException e) {
            processes.close();
            throw new IllegalStateException("ranks must be able to start a process, got: " + e, e);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("dpo-ranks");
        } catch (IOException e) {
            throw OutputException.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    /** All ranks, as rank 0 sees them. */
    Ranks ranks() {
        return ranks;
    }

    /**
     * Runs work together with the other ranks.
     *
     * @throws TrainingFailure if one of them ends before the work does
     */
    <T> T with(Supplier<T> work) {
        try {
            return work.get();
        } catch (Ranks.Lost e) {
            throw lost().<RuntimeException>map(TrainingFailure::new).orElse(e);
        }
    }

    private static void awaitReady(Process other) {
        // Not closed, since that would close the stream of the process.
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8));
        try {
            String line = lines.readLine();
            while (!READY.equals(line)) {
                if (line == null) {
                    throw new IllegalStateException("a rank must become ready, got its end");
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            throw new IllegalStateException("a rank must become ready, got: " + e, e);
        }
    }

    /** Names a rank that has ended; its connections may close somewhat before its end is seen. */
    private Optional<String> lost() {
        if (others.isEmpty()) {
            return Optional.empty();
        }
        CompletableFuture<?>[] ends = others.stream().map(Process::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.anyOf(ends).get(SECONDS_UNTIL_SEEN, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException none) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        for (int i = 0; i < others.size(); i++) {
            if (!others.get(i).isAlive()) {
                return Optional.of("all ranks must live until the end, got the end of rank " + (i + 1) + " of "
                        + ranks.count() + " with exit code " + others.get(i).exitValue()
                        + "; the same command resumes after the last step, also with another number of ranks");
            }
        }
        return Optional.empty();
    }

    /** Ends the other processes. */
    @Override
    public void close() {
        others.forEach(Process::destroyForcibly);
        ranks.close();
        if (ranks.count() > 1) {
            DurableFiles.delete(folder);
        }
    }
}
