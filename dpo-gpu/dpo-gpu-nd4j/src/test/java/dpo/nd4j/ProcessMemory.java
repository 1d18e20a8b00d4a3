package dpo.nd4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process on Linux. */
final class ProcessMemory {

    private ProcessMemory() {}

    /** MiB of memory in use now. */
    static long resident() {
        return mebibytes("VmRSS:");
    }

    /** The largest MiB in use so far. */
    static long peak() {
        return mebibytes("VmHWM:");
    }

    private static long mebibytes(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                            .filter(line -> line.startsWith(name))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow()
                    / 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
