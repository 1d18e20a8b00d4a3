package dpo.harness.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the system knows of a file and changes whenever the file does.
 *
 * @param path without links
 * @param bytes its length
 * @param modified time of the last change of the content; programs can set it
 * @param changed time of the last change of content or attributes, which programs cannot set
 * @param identity device and number of the file, which a file of the same name that replaces it does not have
 */
record FileStamp(String path, long bytes, String modified, String changed, String identity) {

    /** Two changes within this time may have the same times: systems have coarse clocks. */
    private static final Duration CLOCK_STEP = Duration.ofSeconds(2);

    /** The stamp of a file; empty if there is none, or on a system that does not tell the time of the last change. */
    static Optional<FileStamp> of(Path file) {
        try {
            Path path = file.toRealPath();
            Map<String, Object> known = Files.readAttributes(path, "unix:size,lastModifiedTime,ctime,fileKey");
            return Optional.of(new FileStamp(
                    path.toString(),
                    (Long) value(known, "size"),
                    instant(value(known, "lastModifiedTime")).toString(),
                    instant(value(known, "ctime")).toString(),
                    value(known, "fileKey").toString()));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Object value(Map<String, Object> known, String name) {
        return Objects.requireNonNull(known.get(name), name);
    }

    private static Instant instant(Object time) {
        return ((FileTime) time).toInstant();
    }

    /** Whether a change after a time would give another stamp. */
    boolean isOlderThan(Instant time) {
        Instant limit = time.minus(CLOCK_STEP);
        return Instant.parse(modified).isBefore(limit) && Instant.parse(changed).isBefore(limit);
    }
}
