package dpo.cli;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.sweep.CodeVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** {@code dpo doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Prints versions, backends, devices, active settings and missing dependencies.")
final class DoctorCommand implements Callable<Integer> {

    private static final List<String> DEVICES = List.of("cpu", "cuda");
    private static final List<String> VARIABLES = List.of(
            "OPENBLAS_NUM_THREADS",
            "OMP_WAIT_POLICY",
            "OMP_NUM_THREADS",
            "MALLOC_ARENA_MAX",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
            "GLIBC_TUNABLES",
            "LRU_CACHE_CAPACITY",
            "CUBLAS_WORKSPACE_CONFIG");

    @Override
    public Integer call() {
        print("dpo", CodeVersion.ofBuild());
        print(
                "java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version") + " ("
                        + System.getProperty("java.home") + ")");
        print(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        print("processors", Runtime.getRuntime().availableProcessors());
        print("heap limit", Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB");
        for (String variable : VARIABLES) {
            print(variable, System.getenv().getOrDefault(variable, "not set"));
        }
        print("cache", cache());
        for (Backend<?> backend : Backends.onClassPath().all()) {
            System.out.println();
            System.out.println("backend " + backend.name());
            devices(backend).forEach((device, state) -> print("  " + device, state));
            if (backend.availability("cpu") instanceof Availability.Available) {
                backend.diagnostics().forEach((name, value) -> print("  " + name, value));
            }
        }
        return 0;
    }

    /** The folder of what was read, and the size of its files. */
    private static String cache() {
        return InputCache.of(System.getenv())
                .folder()
                .map(folder -> {
                    try (Stream<Path> files = Files.walk(folder)) {
                        long bytes = files.mapToLong(file ->
                                        file.toFile().isFile() ? file.toFile().length() : 0)
                                .sum();
                        return folder + " (" + bytes / (1 << 20) + " MiB)";
                    } catch (IOException | UncheckedIOException e) {
                        return folder + " (" + e.getMessage() + ")";
                    }
                })
                .orElse("none");
    }

    /** For each device, whether the backend can run on it, or why not. */
    static Map<String, String> devices(Backend<?> backend) {
        Map<String, String> devices = new LinkedHashMap<>();
        for (String device : DEVICES) {
            devices.put(
                    device,
                    backend.availability(device) instanceof Availability.Missing missing
                            ? "missing: " + missing.reason()
                            : "available");
        }
        return devices;
    }

    private static void print(String name, Object value) {
        System.out.printf(Locale.ROOT, "%-28s %s%n", name, value);
    }
}
