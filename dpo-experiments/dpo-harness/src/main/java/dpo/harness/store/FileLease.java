package dpo.harness.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A lease of {@link Leases}: its file, whose content changes while it lasts. */
final class FileLease implements Lease {

    private final Leases leases;
    private final Path file;
    private final Path successor;
    private final Duration time;
    private final ScheduledFuture<?> beats;
    private long beat;
    private long lastBeat = System.nanoTime();
    private boolean lost;
    private boolean closed;

    FileLease(Leases leases, Path file, Path successor, Duration time) {
        this.leases = leases;
        this.file = file;
        this.successor = successor;
        this.time = time;
        long between = leases.betweenBeats().toNanos();
        this.beats = leases.beats().scheduleWithFixedDelay(this::beat, between, between, TimeUnit.NANOSECONDS);
    }

    @Override
    public synchronized void require() {
        if (System.nanoTime() - lastBeat > time.toNanos() / 2) {
            beat();
        }
        if (lost) {
            throw new Lost(file);
        }
    }

    /** Tells the others that this process lives. A beat that cannot be written is tried again at the next. */
    private synchronized void beat() {
        if (closed) {
            return; // It waited while the lease was given back.
        }
        // Before the look: this process may stand still between that and the end of the writing.
        long begin = System.nanoTime();
        lost |= Files.exists(successor);
        if (!lost) {
            try {
                write(leases.text(++beat, false));
                lastBeat = begin;
            } catch (IOException unwritable) {
                // Others take over if that lasts; require() notices then.
                beat--;
            }
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }

    @Override
    public synchronized void close() {
        beats.cancel(false);
        closed = true;
        try {
            if (!lost && !Files.exists(successor)) {
                write(leases.text(++beat, true));
            }
        } catch (IOException unwritable) {
            throw OutputException.writing(file, unwritable);
        }
    }
}
