package dpo.harness.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The main memory that this process may use in total, including what it already uses: Linux's MemAvailable, or less in
 * a control group with a limit (version 1 or 2).
 */
final class MachineMemory {

    /** Version 1 writes a number near 2^63 if there is no limit. */
    private static final long NO_LIMIT = 1L << 60;

    private static final long KIBIBYTE = 1024;

    private final Path root;

    private MachineMemory(Path root) {
        this.root = root;
    }

    /** The available bytes; empty if the system does not report them. */
    static OptionalLong available() {
        return available(Path.of("/"));
    }

    /** The available bytes according to system files below a root folder. */
    static OptionalLong available(Path root) {
        MachineMemory machine = new MachineMemory(root);
        OptionalLong free = machine.number("proc/meminfo", "MemAvailable:", KIBIBYTE);
        if (free.isEmpty()) {
            return free;
        }
        long own = machine.number("proc/self/status", "RssAnon:", KIBIBYTE).orElse(0);
        long least = Stream.concat(Stream.of(free.getAsLong()), machine.freeInGroups())
                .reduce(Math::min)
                .orElseThrow();
        return OptionalLong.of(Math.max(0, least) + own);
    }

    /** The free memory under the limit of each control group of this process. */
    private Stream<Long> freeInGroups() {
        return lines("proc/self/cgroup").stream().flatMap(line -> {
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                return Stream.empty();
            }
            if (parts[0].equals("0")) {
                return folders("sys/fs/cgroup", parts[2])
                        .flatMap(folder -> free(folder, "memory.max", "memory.current", "inactive_file").stream());
            }
            return List.of(parts[1].split(",")).contains("memory")
                    ? folders("sys/fs/cgroup/memory", parts[2])
                            .flatMap(
                                    folder -> free(
                                            folder,
                                            "memory.limit_in_bytes",
                                            "memory.usage_in_bytes",
                                            "total_inactive_file")
                                            .stream())
                    : Stream.empty();
        });
    }

    /** The folders of a group and its parents. In a container their names may be those of the host. */
    private static Stream<String> folders(String mount, String group) {
        Path path = Path.of(mount + "/" + group).normalize();
        return Stream.iterate(path, folder -> folder != null && folder.startsWith(mount), Path::getParent)
                .map(Path::toString);
    }

    private Optional<Long> free(String folder, String limit, String usage, String reclaimable) {
        Optional<Long> most = value(folder + "/" + limit).filter(bytes -> bytes < NO_LIMIT);
        Optional<Long> used = value(folder + "/" + usage);
        // The system drops cached file pages when memory is needed.
        long cached = number(folder + "/memory.stat", reclaimable, 1).orElse(0);
        return most.flatMap(bytes -> used.map(now -> bytes - Math.max(0, now - cached)));
    }

    /** The only number in a file; empty for {@code max}. */
    private Optional<Long> value(String file) {
        return lines(file).stream()
                .findFirst()
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf);
    }

    /** The number after a word. */
    private OptionalLong number(String file, String word, long unit) {
        return lines(file).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(parts -> parts.length > 1 && parts[0].equals(word) && parts[1].matches("\\d{1,18}"))
                .mapToLong(parts -> unit * Long.parseLong(parts[1]))
                .findFirst();
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (IOException absent) {
            return List.of();
        }
    }
}
