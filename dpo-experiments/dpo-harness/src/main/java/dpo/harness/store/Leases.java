package dpo.harness.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The right to do a piece of work, for processes on several machines that share a folder. A lease ends when its owner
 * releases it, or a stated time after its owner was killed or lost the folder.
 *
 * <p>A file per lease, {@code NAME.1}, then {@code NAME.2} and so on: to take over is to create the next file, which a
 * file system lets one process do only. No file is ever removed, so a number is given once. While a lease lasts, its owner
 * changes the content of its file all the time; another process takes over when it has seen the same content for two
 * thirds of the stated time, by its own clock. Clocks of different machines are never compared, and neither locks nor
 * times of files are needed.
 */
public final class Leases implements AutoCloseable {

    /** Beats of an owner in the stated time of a lease. */
    private static final int BEATS = 8;

    /** More characters than a text has beside the name of its owner. */
    private static final int MOST_BESIDE_OWNER = 100;

    private static final Pattern NUMBERED = Pattern.compile("(.*)\\.(\\d{1,9})");

    private final Path folder;
    private final String owner;
    private final Duration time;
    private final Map<String, Sighting> sightings = new ConcurrentHashMap<>();
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "leases");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param folder the folder of the leases, created at the first claim
     * @param owner name of this process, which others show to their users; no two processes may have the same
     * @param time stated time of a lease: the longest time for which a dead owner keeps others from the work
     */
    public Leases(Path folder, String owner, Duration time) {
        this.folder = folder;
        this.owner = owner;
        this.time = time;
    }

    /**
     * The content of a lease's file.
     *
     * @param beat counts up while the owner lives
     * @param seconds stated time
     */
    record Content(String owner, long beat, double seconds, boolean released) {}

    /** What this process saw of the newest file of a lease, and when it saw that first. */
    private record Sighting(int number, String text, long since) {}

    /** Waits for a short part of the stated time, after which a lease of another process may have ended. */
    public void await() {
        LockSupport.parkNanos(time.toNanos() / (2 * BEATS));
    }

    /**
     * Takes a lease, unless another process or thread has it.
     *
     * @param name letters, digits and punctuation that a file name may have
     * @throws OutputException if the folder cannot be written
     */
    public Optional<Lease> claim(String name) {
        int newest = newest(name);
        return newest > 0 && holder(name, newest).isPresent() ? Optional.empty() : created(name, newest + 1);
    }

    /** The name of this process. */
    public String owner() {
        return owner;
    }

    /** The owner of a lease that lasts; waits for the stated time of those whose owner may be dead. */
    public Optional<String> anyHolder() {
        Map<String, String> first = new HashMap<>();
        Set<Path> ended = new HashSet<>();
        while (true) {
            boolean mayLast = false;
            for (Map.Entry<String, Integer> newest : newest().entrySet()) {
                Path file = file(newest.getKey(), newest.getValue());
                if (ended.contains(file)) {
                    continue;
                }
                String text = text(file);
                if (holder(newest.getKey(), newest.getValue()).isPresent()) {
                    mayLast = true;
                    String before = first.putIfAbsent(newest.getKey(), text);
                    if (before != null && !before.equals(text)) {
                        return Optional.of(content(text).owner());
                    }
                } else {
                    ended.add(file);
                }
            }
            if (!mayLast) {
                return Optional.empty();
            }
            await();
        }
    }

    /** The largest number of each name. */
    private SortedMap<String, Integer> newest() {
        SortedMap<String, Integer> newest = new TreeMap<>();
        try (Stream<Path> files = Files.exists(folder) ? Files.list(folder) : Stream.of()) {
            files.map(file -> NUMBERED.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .forEach(file -> newest.merge(file.group(1), Integer.valueOf(file.group(2)), Math::max));
        } catch (IOException e) {
            throw OutputException.reading(folder, e);
        }
        return newest;
    }

    private Optional<String> holder(String name, int number) {
        String text = text(file(name, number));
        Content content = content(text);
        if (content.released()) {
            return Optional.empty();
        }
        Sighting now = new Sighting(number, text, System.nanoTime());
        Sighting first = sightings.merge(
                name, now, (old, other) -> old.number() == number && old.text().equals(text) ? old : other);
        double unchanged = (now.since() - first.since()) / 1e9;
        return unchanged < content.seconds() * 2 / 3 ? Optional.of(content.owner()) : Optional.empty();
    }

    private Optional<Lease> created(String name, int number) {
        Path file = file(name, number);
        try {
            DurableFiles.createFolder(folder);
            Files.writeString(file, text(0, false), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException another) {
            return Optional.empty();
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
        return Optional.of(new FileLease(this, file, file(name, number + 1), time));
    }

    ScheduledExecutorService beats() {
        return beats;
    }

    Duration betweenBeats() {
        return time.dividedBy(BEATS);
    }

    /** The text of a lease's file of this process. All have one length, so that each replaces another in place. */
    String text(long beat, boolean released) {
        String line = Json.line(new Content(owner, beat, time.toMillis() / 1e3, released));
        return line + " ".repeat(owner.length() + MOST_BESIDE_OWNER - line.length()) + "\n";
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException gone) {
            return "";
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** A text that its owner has not written yet, or is just writing, counts as any other. */
    private Content content(String text) {
        try {
            return Json.read(text, Content.class);
        } catch (IllegalArgumentException torn) {
            return new Content("unknown", 0, time.toMillis() / 1e3, false);
        }
    }

    private int newest(String name) {
        Sighting seen = sightings.get(name);
        int number = seen == null ? 0 : seen.number();
        while (Files.exists(file(name, number + 1))) {
            number++;
        }
        return number;
    }

    private Path file(String name, int number) {
        return folder.resolve(name + "." + number);
    }

    /** Ends the beats of all leases; those that are not released end after their stated time. */
    @Override
    public void close() {
        beats.shutdownNow();
    }
}
