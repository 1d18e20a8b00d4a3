package dpo.torch.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** NVIDIA's driver and its devices as the kernel reports them, without CUDA. */
public final class NvidiaDriver {

    private static final Pattern VERSION = Pattern.compile("NVRM version:.*?\\s(\\d+(?:\\.\\d+)+)\\s");
    private static final Pattern MODEL = Pattern.compile("Model:\\s*(\\S.*\\S)");

    private static final Path FOLDER = Path.of("/proc/driver/nvidia");

    private NvidiaDriver() {}

    /**
     * Version of the driver and models of the devices, e.g. {@code 580.95.05, NVIDIA H100 80GB HBM3}; a message if
     * there is no driver.
     */
    public static String describe() {
        return describe(FOLDER);
    }

    /** As {@link #describe()}, but read from another folder. */
    static String describe(Path folder) {
        return find(folder).orElse("no NVIDIA driver in " + folder);
    }

    /** Version and models; empty without a driver. */
    public static Optional<String> find() {
        return find(FOLDER);
    }

    private static Optional<String> find(Path folder) {
        return find(VERSION, folder.resolve("version"))
                .map(number -> String.join(
                        ", ", Stream.concat(Stream.of(number), models(folder)).toList()));
    }

    private static Stream<String> models(Path folder) {
        return folders(folder.resolve("gpus")).stream()
                .sorted()
                .map(device -> find(MODEL, device.resolve("information")).orElse("unnamed device"));
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<String> find(Pattern pattern, Path file) {
        try {
            Matcher matcher = pattern.matcher(Files.readString(file));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
