package dpo.harness.sweep;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunRecord.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The history of a sweep, or of one of its workers: an append-only file with one line per start and end of a run. */
final class Ledger {

    private final Path file;

    private record Line(String time, String run, Status status) {}

    private record DecisionLine(String time, SuccessiveHalving.Decision halving) {}

    private Ledger(Path file) {
        this.file = file;
    }

    /**
     * The ledger of a sweep, or that of this process if it is a worker: no file system lets several machines append to one
     * file. Prints how many other workers have one, since a worker that sees none may have a folder that is not shared.
     */
    static Ledger of(Path sweep, Optional<Leases> leases, Consumer<String> print) {
        if (leases.isEmpty()) {
            return new Ledger(sweep.resolve("ledger.jsonl"));
        }
        Path folder = DurableFiles.createFolder(sweep.resolve("ledger"));
        String owner = leases.get().owner();
        try (Stream<Path> others = Files.list(folder)) {
            print.accept(
                    "worker " + owner + "; other workers that have computed cells in this folder: " + others.count());
        } catch (IOException e) {
            throw OutputException.reading(folder, e);
        }
        return new Ledger(folder.resolve(owner + ".jsonl"));
    }

    /** Appends the new status of a run. Thread-safe, since runs may be computed in parallel. */
    synchronized void append(String runId, Status status) {
        append(new Line(Instant.now().toString(), runId, status));
    }

    /** Appends a decision of successive halving. */
    synchronized void append(SuccessiveHalving.Decision decision) {
        append(new DecisionLine(Instant.now().toString(), decision));
    }

    /** Whether a decision is already recorded. */
    boolean holds(SuccessiveHalving.Decision decision) {
        String text = Json.line(new DecisionLine("", decision)).replaceFirst("^\\{\"time\":\"\",", "");
        try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.of()) {
            return lines.anyMatch(line -> line.endsWith(text));
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    private void append(Record line) {
        try {
            Files.writeString(
                    file,
                    (endsTorn() ? "\n" : "") + Json.line(line) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** Whether the last line was cut by a kill or a full disk. */
    private boolean endsTorn() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) == 0) {
            return false;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) != '\n';
        }
    }
}
